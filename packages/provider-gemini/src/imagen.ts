import { type ImagePart, type JsonObject, type ProviderEvent, VibeError, type Warning } from '@vibe/core';
import {
  type HttpClient,
  parseWith,
  requestJson,
  type Service,
  unsupported,
  unsupportedPart,
} from '@vibe/provider-kit';
import * as z from 'zod';
import { nearestRatio, ratioWarning } from './image-size.js';
import type { PaintCall } from './paint.js';
import { keyHeader, methodUrl, type Prepared } from './prepared.js';

/** Facts: js-genai's generateImages; imagen-4.0-* was shut down on the Developer API on 2026-08-17, other places serve it. */
const RATIOS = ['1:1', '3:4', '4:3', '9:16', '16:9'] as const;
const MAX_COUNT = 4;

/** Whether a model paints by `:predict` and is billed by the picture. */
export function isImagen(modelId: string): boolean {
  return /^(models\/)?imagen-/.test(modelId);
}

/** How many pictures are asked for, and so billed at most. */
export function imagenCount(count: number | undefined): number {
  return Math.min(count ?? 1, MAX_COUNT);
}

export function prepareImagen(call: PaintCall): Prepared {
  const { request, model } = call;
  const warnings: Warning[] = [];
  if ((request.images?.length ?? 0) > 0)
    throw unsupportedPart(model.id, 'pictures to start from', 'Use a Gemini image model, or leave images out.');
  const sampleCount = imagenCount(request.count);
  if (sampleCount !== (request.count ?? 1))
    warnings.push(
      unsupported('count', `${model.id} makes at most ${MAX_COUNT} pictures; ${sampleCount} were asked for.`),
    );
  const parameters: JsonObject = {
    sampleCount,
    includeRaiReason: true,
    ...aspectRatio(request.size, model.id, warnings),
    ...parametersOf(request.providerOptions?.['gemini']),
  };
  return {
    url: methodUrl(call, 'predict'),
    body: { instances: [{ prompt: request.prompt }], parameters },
    streams: false,
    warnings,
  };
}

function aspectRatio(size: string | undefined, modelId: string, warnings: Warning[]): JsonObject {
  if (size === undefined) return {};
  const { ratio, exact } = nearestRatio(size, RATIOS);
  if (!exact || size !== '1024x1024') warnings.push(ratioWarning(modelId, size, ratio));
  return { aspectRatio: ratio };
}

/** `providerOptions.gemini.parameters`; how many pictures there are is what the hold was computed from. */
function parametersOf(options: unknown): JsonObject {
  const parameters = (options as { readonly parameters?: unknown } | null | undefined)?.parameters;
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return {};
  if (!('sampleCount' in parameters)) return parameters as JsonObject;
  throw new VibeError('invalid_request', 'providerOptions must not set parameters.sampleCount. Use count.', {
    details: { path: 'parameters.sampleCount' },
  });
}

const text = z.string().nullish();
const prediction = z.object({ bytesBase64Encoded: text, gcsUri: text, mimeType: text, raiFilteredReason: text });
export const imagenAnswer = z.object({ predictions: z.array(prediction).nullish() });

type Prediction = z.output<typeof prediction>;

/** Facts: there is no usage; what is billed are the pictures that were made ("not be charged for blocked images"). */
export async function* predict(
  client: HttpClient,
  call: PaintCall,
  service: Service,
  { url, body, warnings }: Prepared,
): AsyncGenerator<readonly ProviderEvent[], void, void> {
  const { json, headers } = await requestJson(
    client,
    {
      method: 'POST',
      url,
      headers: keyHeader(service.secrets[0] ?? ''),
      body,
      signal: call.signal,
      connectMs: call.timeout.connectMs,
    },
    service,
  );
  const predictions = parseWith(imagenAnswer, json).predictions ?? [];
  const content = predictions.flatMap(pictureOf);
  const blocked = predictions.flatMap(({ raiFilteredReason }) => raiFilteredReason ?? []);
  const final: ProviderEvent = {
    type: 'final',
    result: {
      content,
      finishReason: finishReason(content.length, blocked.length),
      rawFinishReason: blocked[0] ?? null,
      // an answer without any prediction says nothing about what it bills
      usage:
        predictions.length === 0 ? null : { quantities: { image: content.length }, unknown: false, source: 'provider' },
      servedModel: null,
      requestId: headers['x-request-id'] ?? null,
      warnings: [...warnings, ...blocked.map((message) => ({ code: 'image_filtered', message }))],
    },
  };
  yield [...content.map((part) => ({ type: 'delta', part }) as const), final];
}

function finishReason(made: number, blocked: number): 'stop' | 'content_filter' | 'other' {
  if (made > 0) return 'stop';
  return blocked > 0 ? 'content_filter' : 'other';
}

function pictureOf({
  bytesBase64Encoded,
  gcsUri,
  mimeType,
}: Prediction): (ImagePart | { type: 'file_ref'; uri: string; mediaType: string })[] {
  const mediaType = mimeType ?? 'image/png';
  if (typeof bytesBase64Encoded === 'string')
    return [{ type: 'image', mediaType, data: Buffer.from(bytesBase64Encoded, 'base64') }];
  return typeof gcsUri === 'string' ? [{ type: 'file_ref', uri: gcsUri, mediaType }] : [];
}
