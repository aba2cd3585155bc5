import type { ImagePart, JsonObject, ModelManifest, Warning } from '@vibe/core';
import { mediaSource, mediaUrl, mergeOptions, unsupported, unsupportedPart } from '@vibe/provider-kit';
import type { PaintCall } from './calls.js';
import type { Prepared } from './native.js';
import { MULTIMODAL_PATH } from './native-body.js';
import { asyncHeader } from './task.js';

const TEXT_TO_IMAGE_PATH = '/services/aigc/text2image/image-synthesis';
const IMAGE_PATH = '/services/aigc/image-generation/generation';

/** Facts: pictures per call, by model; what is not listed makes one. */
const mostPictures: readonly (readonly [RegExp, number])[] = [
  [/^qwen-image-2|^qwen-image-edit-(plus|max)/, 6],
  [/^wan/, 4],
];

/** Facts: the wan models are tasks; qwen-image, z-image and the editing models answer at once. */
export function paintsAsTask({ id }: ModelManifest): boolean {
  return /^wan/.test(id);
}

/** How many pictures a request makes: what is asked, as far as the model goes in one call. */
export function pictureCount({ id }: ModelManifest, asked = 1): number {
  return Math.min(asked, mostPictures.find(([pattern]) => pattern.test(id))?.[1] ?? 1);
}

export function preparePaint({ request, model }: PaintCall): Prepared {
  const { prompt, count, size, images = [], providerOptions } = request;
  const n = pictureCount(model, count);
  const warnings: Warning[] = [];
  if (count !== undefined && n < count) {
    warnings.push(unsupported('count', `${model.id} makes at most ${n} per call; ${n} of ${count} were asked for.`));
  }
  const parameters: JsonObject = {
    n, // always: several models make four when nobody says
    ...(size !== undefined && { size: size.replace('x', '*') }),
  };
  const { path, input } = paintsAsTask(model) ? taskInput(model, prompt, images) : itemsInput(model, prompt, images);
  const body: JsonObject = { model: model.id, input, parameters };
  return {
    path,
    headers: paintsAsTask(model) ? asyncHeader : {},
    body: mergeOptions(
      body,
      providerOptions?.['qwen'],
      ['input', 'parameters'],
      [
        { path: 'model', instead: 'Use the model of the request.' },
        { path: 'input.prompt', instead: 'Use prompt.' },
        { path: 'input.messages', instead: 'Use prompt and images.' },
        { path: 'parameters.n', instead: 'Use count.' },
      ],
    ),
    warnings,
  };
}

/** Facts: from wan2.6 on messages and a service of their own, before a prompt. */
function taskInput(model: ModelManifest, prompt: string, images: readonly ImagePart[]) {
  if (/^wan(2\.[6-9]|[3-9])/.test(model.id)) return { ...itemsInput(model, prompt, images), path: IMAGE_PATH };
  refuseImages(model, images);
  return { path: TEXT_TO_IMAGE_PATH, input: { prompt } };
}

function itemsInput(model: ModelManifest, prompt: string, images: readonly ImagePart[]) {
  if (!model.input.includes('image') && !/edit/.test(model.id)) refuseImages(model, images);
  const content = [...images.map((part) => ({ image: mediaUrl(mediaSource(part)) })), { text: prompt }];
  return { path: MULTIMODAL_PATH, input: { messages: [{ role: 'user', content }] } };
}

/** Leaving them out would paint something else. */
function refuseImages({ id }: ModelManifest, images: readonly ImagePart[]): void {
  if (images.length === 0) return;
  throw unsupportedPart('qwen', `images for ${id}`, 'Choose a model that edits images, such as qwen-image-edit-plus.');
}
