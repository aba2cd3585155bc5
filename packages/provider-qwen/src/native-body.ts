import type { Json, JsonObject, ModelManifest } from '@vibe/core';

const TEXT_PATH = '/services/aigc/text-generation/generation';
export const MULTIMODAL_PATH = '/services/aigc/multimodal-generation/generation';

/** Models that only the multimodal service has, where no manifest says that they see or hear. Facts: recorded requests. */
const multimodalModels = /-vl|omni|audio|asr|qvq|ocr|^qwen3\.[5-9]-|^qwen[4-9]/;

/** The service of a model: one for text, one for everything else. */
export function nativeChatPath(model: ModelManifest): string {
  return isMultimodal(model) ? MULTIMODAL_PATH : TEXT_PATH;
}

export function isMultimodal({ id, input }: ModelManifest): boolean {
  return input.includes('image') || input.includes('audio') || multimodalModels.test(id);
}

/**
 * The body of a compatible request in the native form: messages under `input`, everything else under `parameters`. With
 * `items` every content is a list, as the multimodal service wants it. Facts: thinking and tools need
 * `result_format: message`; without `incremental_output` each event would repeat the whole text so far.
 */
export function nativeChatBody(body: JsonObject, items: boolean): JsonObject {
  const { model = '', messages, stream, stream_options: _, ...parameters } = body;
  return {
    model,
    input: { messages: ((messages ?? []) as readonly JsonObject[]).map((message) => nativeMessage(message, items)) },
    parameters: { result_format: 'message', ...(stream === true && { incremental_output: true }), ...parameters },
  };
}

function nativeMessage(message: JsonObject, items: boolean): JsonObject {
  const { content } = message;
  if (Array.isArray(content)) return { ...message, content: (content as readonly JsonObject[]).map(nativeItem) };
  return items ? { ...message, content: content === '' ? [] : [{ text: content ?? '' }] } : message;
}

function nativeItem(part: JsonObject): Json {
  const at = (field: string, key: string) => (part[field] as JsonObject | undefined)?.[key] ?? '';
  switch (part['type']) {
    case 'image_url':
      return { image: at('image_url', 'url') };
    case 'input_audio':
      return { audio: at('input_audio', 'data') };
    case 'video_url':
      return { video: at('video_url', 'url') };
    default:
      return { text: part['text'] ?? '' };
  }
}
