export {
  type ChatChoice,
  type ChatChunk,
  flatError,
  readChatChoice,
  readChatChunk,
  readFinishReason,
  type ToolCallFragment,
} from './chunk.js';
export type { ChatDialect, ChatDraft } from './dialect.js';
export { type ChatErrorFields, chatErrorFields, classifyChatFailure, codeOfStatus, statusInError } from './errors.js';
export { chatFinishReason } from './finish-reason.js';
export { type CompatibleEndpoint, type CompatibleService, openAiCompatible } from './open-ai-compatible.js';
export { type ChatRoute, describeChat, runChat, runChatBatches } from './run-chat.js';
export { chatShape } from './shape.js';
export { type ChatBody, chatBody, chatStreams } from './to-wire.js';
export { chatUsage } from './usage.js';
