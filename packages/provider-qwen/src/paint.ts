import { type ImagePart, type ProviderEvent, type Usage, VibeError, type Warning, type WireRequest } from '@vibe/core';
import {
  afterSubmit,
  asWireObject,
  briefText,
  type HttpClient,
  readArray,
  readObject,
  readText,
  serviceError,
  usageSoFar,
  type WireObject,
} from '@vibe/provider-kit';
import type { PaintCall } from './calls.js';
import type { QwenEndpoint } from './endpoints.js';
import { askOnce, describeNative, missing, nativeRequest, type Prepared, serviceOf } from './native.js';
import { paintsAsTask, preparePaint } from './paint-request.js';
import { fetchResult } from './result-media.js';
import { runTask, type TaskPace } from './task.js';
import { readUsage } from './usage.js';

/** The largest pictures have some 10 MB as PNG. */
const MAX_IMAGE_BYTES = 64 * 1024 * 1024;

/** What a service made, still at its addresses. */
interface Painted {
  readonly output: WireObject;
  readonly usage: Usage | null;
  readonly requestId: string | null;
  readonly rawFinishReason: string | null;
  /** Of the task that made it; null when it was made at once. */
  readonly taskId: string | null;
}

/** Pictures: at once from the qwen-image models, as a task from wan. A delta per picture, then `final`. */
export async function* paint(
  client: HttpClient,
  call: PaintCall,
  place: QwenEndpoint,
  pace: TaskPace,
): AsyncGenerator<ProviderEvent, void, void> {
  const prepared = preparePaint(call);
  const painted = paintsAsTask(call.model)
    ? yield* paintAsTask(client, call, place, prepared, pace)
    : await paintAtOnce(client, call, place, prepared);
  // before the pictures are looked for and fetched: whatever happens then, what was made is paid for, not what was held
  if (painted.usage !== null) yield usageSoFar(painted.usage);
  const found = resultsOf(place, painted);
  const warnings: Warning[] = [
    ...prepared.warnings,
    ...found.failures.map(failureWarning),
    ...found.lost.map(lostWarning),
  ];
  const content = await Promise.all(found.urls.map((url) => fetchImage(client, call, place, url, warnings)));
  for (const part of content) yield { type: 'delta', part };
  yield {
    type: 'final',
    result: {
      content,
      finishReason: 'stop',
      rawFinishReason: painted.rawFinishReason,
      usage: painted.usage,
      servedModel: null,
      requestId: painted.requestId,
      ...(warnings.length > 0 && { warnings }),
    },
  };
}

export function describePainting(call: PaintCall, place: QwenEndpoint): WireRequest {
  return describeNative(place, preparePaint(call));
}

async function paintAtOnce(
  client: HttpClient,
  call: PaintCall,
  place: QwenEndpoint,
  prepared: Prepared,
): Promise<Painted> {
  const { service, secret } = serviceOf(place);
  const { body, requestId } = await askOnce(client, nativeRequest(call, place, prepared, secret), service);
  const output = readObject(body, 'output', '$');
  if (output === undefined) throw missing(place.endpoint, '$.output', 'any picture');
  const [first] = readArray(output, 'choices', '$.output') ?? [];
  const choice = first === undefined ? {} : asWireObject(first, '$.output.choices[0]');
  const rawFinishReason = readText(choice, 'finish_reason', '$.output.choices[0]') ?? null;
  return { output, usage: readUsage(body), requestId, rawFinishReason, taskId: null };
}

async function* paintAsTask(
  client: HttpClient,
  call: PaintCall,
  place: QwenEndpoint,
  prepared: Prepared,
  pace: TaskPace,
): AsyncGenerator<ProviderEvent, Painted, void> {
  const { id, output, usage, requestId } = yield* runTask(client, call, place, prepared, pace);
  return { output, usage, requestId, rawFinishReason: 'SUCCEEDED', taskId: id };
}

interface Results {
  readonly urls: readonly string[];
  readonly failures: readonly WireObject[];
  /** What stands in the place of an address and is none. */
  readonly lost: readonly string[];
}

/** The results, at least one. A task that has ended is not made again because of what it says about them. */
function resultsOf(place: QwenEndpoint, { output, requestId, taskId }: Painted): Results {
  try {
    const found = readResults(output);
    if (found.urls.length === 0) throw nothingPainted(place, found.failures, requestId);
    return found;
  } catch (error) {
    throw taskId === null || (VibeError.is(error) && !error.mayBeBilled) ? error : afterSubmit(error, taskId);
  }
}

/** Facts: `results` mixes `{url}` and `{code, message}`; newer models have choices whose content has `image`. */
function readResults(output: WireObject): Results {
  const urls: string[] = [];
  const failures: WireObject[] = [];
  const lost: string[] = [];
  // One that cannot be read must not lose the other pictures of an answer that was paid for.
  const add = (url: string) => (URL.canParse(url) ? urls : lost).push(url);
  for (const [at, entry] of (readArray(output, 'results', '$.output') ?? []).entries()) {
    const path = `$.output.results[${at}]`;
    const result = asWireObject(entry, path);
    const url = readText(result, 'url', path);
    if (url !== undefined && url !== '') add(url);
    else if ('code' in result || 'message' in result) failures.push(result);
    else lost.push(JSON.stringify(result));
  }
  for (const [at, entry] of (readArray(output, 'choices', '$.output') ?? []).entries()) {
    const path = `$.output.choices[${at}].message`;
    const message =
      readObject(asWireObject(entry, `$.output.choices[${at}]`), 'message', `$.output.choices[${at}]`) ?? {};
    for (const item of readArray(message, 'content', path) ?? []) {
      const url = readText(asWireObject(item, `${path}.content[]`), 'image', `${path}.content[]`);
      if (url !== undefined && url !== '') add(url);
    }
  }
  return { urls, failures, lost };
}

function lostWarning(address: string): Warning {
  const message = `One of the pictures was made, but its address cannot be read: ${briefText(address, [])}`;
  return { code: 'media_not_fetched', message };
}

function failureWarning(failure: WireObject): Warning {
  const { code, message } = failure;
  return {
    code: 'image_failed',
    message: `One of the pictures was not made, and is not billed: ${typeof message === 'string' ? message : String(code ?? 'no reason')}`,
    details: { providerCode: typeof code === 'string' ? code : null },
  };
}

/** All parts failed, or there is nothing at all: nothing is billed then. */
function nothingPainted(place: QwenEndpoint, failures: readonly WireObject[], requestId: string | null): VibeError {
  const [failure] = failures;
  if (failure === undefined) return missing(place.endpoint, '$.output.results', 'any picture');
  const { service } = serviceOf(place);
  const error = serviceError(service, { status: null, headers: {}, json: failure, text: JSON.stringify(failure) });
  const { code, message, next, details } = error;
  return new VibeError(code, message, {
    retryable: false,
    mayBeBilled: false,
    next,
    details,
    requestId: requestId ?? undefined,
  });
}

async function fetchImage(
  client: HttpClient,
  call: PaintCall,
  place: QwenEndpoint,
  url: string,
  warnings: Warning[],
): Promise<ImagePart> {
  const media = await fetchResult(client, call, place, { url, maxBytes: MAX_IMAGE_BYTES, what: 'picture' });
  if ('warning' in media) {
    warnings.push(media.warning);
    return { type: 'image', mediaType: typeOfName(url), data: new URL(url) };
  }
  const declared = media.mediaType?.startsWith('image/') === true ? media.mediaType : null;
  return { type: 'image', mediaType: typeOfBytes(media.bytes) ?? declared ?? typeOfName(url), data: media.bytes };
}

function typeOfBytes(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : null;
}

function typeOfName(url: string): string {
  const suffix = /\.(jpe?g|webp)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase();
  return suffix === undefined ? 'image/png' : suffix === 'webp' ? 'image/webp' : 'image/jpeg';
}
