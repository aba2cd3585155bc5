import type { JsonObject, PaintRequest, Part, ProviderCall, ProviderEvent, Warning } from '@vibe/core';
import { mediaSource, unsupported } from '@vibe/provider-kit';
import { nearestRatio, ratioWarning } from './image-size.js';
import { withOptions } from './options-on-wire.js';
import { generateUrl, type Prepared, streams } from './prepared.js';

export type PaintCall = Extract<ProviderCall, { operation: 'paint' }>;

/** Facts: js-genai's imageConfig. */
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;

/** Room for what an image model writes and thinks beside its picture; recorded: up to 398 tokens of text, 179 of thoughts. */
const SPARE_TOKENS = 4_096;
/** Facts: 1,290 tokens at 1K (2.5), 1,120 at 1K and 2K, 2,000 at 4K (3). */
const IMAGE_TOKENS = 1_290;
const IMAGE_TOKENS_4K = 2_000;

/** A picture by a Gemini image model. Facts: one candidate per request, so one picture per call. */
export function preparePicture(call: PaintCall): Prepared {
  const { request, model } = call;
  const warnings: Warning[] = [];
  if ((request.count ?? 1) > 1) {
    warnings.push(unsupported('count', `${model.id} makes one picture per call; make ${request.count} calls.`));
  }
  const body: JsonObject = {
    contents: [{ role: 'user', parts: [...(request.images ?? []).map(imagePart), { text: request.prompt }] }],
    generationConfig: {
      maxOutputTokens: pictureCap(request, model.id, model.maxOutputTokens),
      responseModalities: ['TEXT', 'IMAGE'],
      ...imageConfig(request, model.id, warnings),
    },
  };
  return { url: generateUrl(call), body: withOptions(body, request), streams: streams(call), warnings };
}

function imagePart(image: NonNullable<PaintRequest['images']>[number]): JsonObject {
  const source = mediaSource(image);
  if (source.kind === 'url') return { fileData: { mimeType: image.mediaType, fileUri: source.url } };
  return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
}

/** What is sent as maxOutputTokens, and so the bound of the bill. */
export function pictureCap(request: PaintRequest, modelId: string, modelCap: number | undefined): number {
  const tokens = imageSize(request, modelId) === '4K' ? IMAGE_TOKENS_4K : IMAGE_TOKENS;
  return Math.min(modelCap ?? Number.POSITIVE_INFINITY, tokens + SPARE_TOKENS);
}

function imageConfig({ size, ...rest }: PaintRequest, modelId: string, warnings: Warning[]): JsonObject {
  if (size === undefined) return {};
  const { ratio, exact } = nearestRatio(size, RATIOS);
  const detail = imageSize({ size, ...rest }, modelId);
  const given = `${ratio}${detail === undefined ? '' : ` at ${detail}`}`;
  if (!exact || !isUsual(size)) warnings.push(ratioWarning(modelId, size, given));
  return { imageConfig: { aspectRatio: ratio, ...(detail !== undefined && { imageSize: detail }) } };
}

/** Sizes that the classes 1K, 2K and 4K have for a square. */
function isUsual(size: string): boolean {
  return ['1024x1024', '2048x2048', '4096x4096'].includes(size);
}

/** The class of the longer side; only models from 3 on know classes, and 1K is their default. */
function imageSize({ size }: PaintRequest, modelId: string): '1K' | '2K' | '4K' | undefined {
  if (size === undefined || !/^(models\/)?gemini-[3-9]/.test(modelId)) return undefined;
  const longest = Math.max(...size.split('x').map(Number));
  if (longest <= 1_536) return '1K';
  return longest <= 3_072 ? '2K' : '4K';
}

/** Pictures as bytes; an answer without any says so. */
export function painted(event: ProviderEvent): ProviderEvent {
  if (event.type === 'delta') return { ...event, part: inBytes(event.part) };
  return event.type === 'final' ? { ...event, result: withPictures(event.result) } : event;
}

type Result = Extract<ProviderEvent, { type: 'final' }>['result'];

function withPictures(result: Result): Result {
  const content = result.content.map(inBytes);
  if (content.some(({ type }) => type === 'image')) return { ...result, content };
  const message = `The model answered without a picture (${result.rawFinishReason ?? 'no reason given'}).`;
  return { ...result, content, warnings: [...(result.warnings ?? []), { code: 'no_image', message }] };
}

function inBytes(part: Part): Part {
  return part.type === 'image' && typeof part.data === 'string'
    ? { ...part, data: Buffer.from(part.data, 'base64') }
    : part;
}
