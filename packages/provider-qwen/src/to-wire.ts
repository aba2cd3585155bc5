import type { ChatCall, FileRefPart, Json, Reasoning } from '@vibe/core';
import { unsupported, unsupportedPart } from '@vibe/provider-kit';
import type { ChatDialect, ChatDraft } from '@vibe/provider-kit/openai';
import { thinkingStyle } from './thinking.js';

/** Thinking budgets of the three efforts, in tokens. All Qwen models that think accept the largest. */
const budgets = { low: 1_024, medium: 8_192, high: 32_768 } as const;

/** What DashScope does differently from OpenAI when it is asked. */
export const qwenRequest: Omit<ChatDialect, 'classify'> = {
  provider: 'qwen',
  // facts: `max_completion_tokens` includes thinking, as our cap does; whether `max_tokens` does is not known. Models
  // that do not think get the field that every one of them has always had.
  maxTokensField: ({ id, reasoning }) =>
    reasoning || thinkingStyle(id) !== 'never' ? 'max_completion_tokens' : 'max_tokens',
  // facts: several models refuse to think without a stream, and long thoughts run into the limit of a unary call
  mustStream: thinks,
  audioInput: 'url',
  audioOutput: 'audio/pcm;rate=24000',
  structured: structuredMode,
  filePart,
  adapt,
  requestId: (id) => id.replace(/^chatcmpl-/, ''),
};

/** Whether the model will, or may, think during this call. */
function thinks(call: ChatCall): boolean {
  const { reasoning } = call.request;
  switch (thinkingStyle(call.model.id)) {
    case 'never':
      return false;
    case 'on_request':
      return reasoning !== undefined && reasoning !== 'off';
    case 'by_default':
      return reasoning !== 'off' && !(reasoning === undefined && wantsJson(call));
    default:
      return true;
  }
}

/** Facts: JSON modes are refused while thinking. Without the schema mode the schema is given in words. */
function structuredMode(call: ChatCall): 'json_schema' | 'json_object' | 'prompt' {
  if (!call.model.structured || thinks(call)) return 'prompt';
  return hasSchemaMode(call) ? 'json_schema' : 'json_object';
}

/**
 * Alibaba's page of structured output: "some qwen-plus models" everywhere (2025-12 to 2026-01), in the international
 * regions qwen-plus, qwen-flash and qwen3-max, with their snapshots from 2025-07-28 (2025-09-23) on (2026-02). A version of
 * 2026-03 does not mention the mode, that of 2026-10 does again; about later models nothing is known.
 */
function hasSchemaMode({ model, endpoint }: ChatCall): boolean {
  const [, family, version = ''] =
    /^(qwen-plus|qwen-flash|qwen3-max)(?:-(latest|\d{4}-\d\d-\d\d))?$/.exec(model.id) ?? [];
  if (family === undefined) return false;
  if (version >= '0' && version < (family === 'qwen3-max' ? '2025-09-23' : '2025-07-28')) return false;
  return family === 'qwen-plus' || endpoint.region === 'sg' || endpoint.region === 'us';
}

function wantsJson({ request, model }: ChatCall): boolean {
  return request.output !== undefined && request.output !== null && model.structured;
}

function adapt(draft: ChatDraft, call: ChatCall): void {
  const { body, warnings } = draft;
  addThinking(draft, call);
  if (call.request.tools !== undefined && call.request.tools.length > 0) body['parallel_tool_calls'] = true;
  if (body['tool_choice'] === 'required') {
    body['tool_choice'] = 'auto';
    warnings.push(
      unsupported('toolChoice', 'DashScope has no "required"; "auto" was sent, so the model may answer in text.'),
    );
  }
  if (/omni/.test(call.model.id)) body['modalities'] = ['text'];
}

/** `enable_thinking` is never sent blindly: models that always or never think refuse or ignore it. */
function addThinking({ body, warnings }: ChatDraft, call: ChatCall): void {
  const { reasoning } = call.request;
  const style = thinkingStyle(call.model.id);
  if (reasoning === undefined) {
    // JSON mode is refused while thinking, which these models do unless told otherwise
    if (style === 'by_default' && !thinks(call)) body['enable_thinking'] = false;
  } else if (style === 'never') {
    if (reasoning !== 'off')
      warnings.push(unsupported('reasoning', `${call.model.id} does not think; it was left out.`));
  } else if (style === 'effort') {
    addEffort({ body, warnings }, reasoning, call.model.id);
  } else if (reasoning === 'off') {
    if (style === 'always') warnings.push(unsupported('reasoning', `${call.model.id} always thinks; it was left out.`));
    else body['enable_thinking'] = false;
  } else {
    if (style !== 'always') body['enable_thinking'] = true;
    body['thinking_budget'] = thinkingBudget(reasoning, call);
  }
}

function addEffort({ body, warnings }: ChatDraft, reasoning: Reasoning, model: string): void {
  if (reasoning === 'off') warnings.push(unsupported('reasoning', `${model} always thinks; it was left out.`));
  else if (typeof reasoning === 'object') {
    warnings.push(unsupported('reasoning.budgetTokens', `${model} knows efforts but no budgets; it was left out.`));
  } else body['reasoning_effort'] = reasoning === 'high' ? 'xhigh' : reasoning;
}

/** An effort takes at most half of the cap, so that an answer fits behind the thoughts. */
function thinkingBudget(reasoning: Exclude<Reasoning, 'off'>, { request, model }: ChatCall): number {
  if (typeof reasoning === 'object') return reasoning.budgetTokens;
  const cap = request.maxOutputTokens ?? model.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(budgets[reasoning], Math.floor(cap / 2)));
}

/** Facts: the compatible endpoint has no file parts; media are given as addresses, also of uploaded files (`oss://`). */
function filePart(part: FileRefPart): Json {
  const { uri: url, mediaType } = part;
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url } };
  if (mediaType.startsWith('video/')) return { type: 'video_url', video_url: { url } };
  if (mediaType.startsWith('audio/')) {
    return { type: 'input_audio', input_audio: { data: url, format: mediaType.replace(/^audio\/(x-)?/, '') } };
  }
  throw unsupportedPart(
    'qwen',
    `a file of type ${mediaType}`,
    'Pass an image, a video or audio, or put its text into the prompt.',
  );
}
