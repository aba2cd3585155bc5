import { countTokens } from '../answer/tokens.js';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../json.js';

/** What the simulator reads from a chat-completions request, on DashScope's wire and on the generic one. */
export interface ChatRequest {
  readonly prompt: string;
  readonly lastUserText: string;
  readonly promptTokens: number;
  /** Includes reasoning. */
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly includeUsage: boolean;
}

/**
 * Facts: ChatML framing reproduces DashScope's recorded prompt counts: start, role, newline, end and newline around
 * each message, and three tokens that open the answer.
 */
const TOKENS_PER_MESSAGE = 5;
const TOKENS_OF_ANSWER_START = 3;

export function readChatRequest(body: JsonObject): ChatRequest {
  const messages = asArray(body['messages']).map((message) => {
    const fields = asObject(message);
    return { role: asString(fields?.['role']) ?? 'user', text: contentText(fields?.['content']) };
  });
  const stop = body['stop'];
  return {
    prompt: messages.map((message) => `${message.role}: ${message.text}`).join('\n'),
    lastUserText: messages.findLast((message) => message.role === 'user')?.text ?? '',
    promptTokens: messages.reduce(
      (sum, message) => sum + TOKENS_PER_MESSAGE + countTokens(message.text),
      TOKENS_OF_ANSWER_START,
    ),
    maxTokens: asNumber(body['max_completion_tokens']) ?? asNumber(body['max_tokens']),
    stop: (typeof stop === 'string' ? [stop] : asArray(stop)).filter((sequence) => typeof sequence === 'string'),
    includeUsage: asObject(body['stream_options'])?.['include_usage'] === true,
  };
}

/** Text of a message: a string, or the text parts of a list. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((part) => asString(asObject(part)?.['text']) ?? '')
    .join('');
}
