import type { Endpoint } from '../../endpoint.js';
import { asString, type JsonObject } from '../../json.js';
import { generateMultimodal, generateText } from './generate.js';
import { asksForEvents, nativePrompt } from './request.js';
import { showResult } from './results.js';
import { cancelTask, showTask, submitPictures, submitTranscription } from './tasks.js';
import { tokenize } from './tokenizer.js';
import { dashscopeNativeWire } from './wire.js';

const service = {
  method: 'POST',
  wire: dashscopeNativeWire,
  model: (_: unknown, body: JsonObject) => asString(body['model']),
  stream: () => false,
  prompt: nativePrompt,
} as const;

const look = { ...service, model: () => null, prompt: () => '' };

/** DashScope's native API, and the storage where its results lie. */
export const nativeEndpoints: readonly Endpoint[] = [
  {
    ...service,
    name: 'qwen.text',
    path: /^\/api\/v1\/services\/aigc\/text-generation\/generation$/,
    stream: asksForEvents,
    reply: generateText,
  },
  {
    ...service,
    name: 'qwen.multimodal',
    path: /^\/api\/v1\/services\/aigc\/multimodal-generation\/generation$/,
    stream: asksForEvents,
    reply: generateMultimodal,
  },
  {
    ...service,
    name: 'qwen.images',
    path: /^\/api\/v1\/services\/aigc\/(?:text2image\/image-synthesis|image-generation\/generation)$/,
    reply: submitPictures,
  },
  {
    ...service,
    name: 'qwen.transcription',
    path: /^\/api\/v1\/services\/audio\/asr\/transcription$/,
    reply: submitTranscription,
  },
  { ...service, name: 'qwen.tokenizer', path: /^\/api\/v1\/tokenizer$/, reply: tokenize },
  { ...look, name: 'qwen.task', method: 'GET', path: /^\/api\/v1\/tasks\/[^/]+$/, reply: showTask },
  { ...look, name: 'qwen.cancel', path: /^\/api\/v1\/tasks\/[^/]+\/cancel$/, reply: cancelTask },
  { ...look, name: 'qwen.result', method: 'GET', path: /^\/results\/[^/]+$/, reply: showResult },
];
