import { type FileRefPart, type JsonObject, type Region, VibeError } from '@vibe/core';
import {
  createHttpClient,
  type HttpClient,
  parseWith,
  pollTask,
  requestHeaders,
  requestJson,
  type Service,
  serviceError,
} from '@vibe/provider-kit';
import { geminiEndpoints } from './endpoints.js';
import { classifyFor, statusOf } from './errors.js';
import { geminiOptions } from './options.js';
import { keyHeader } from './prepared.js';
import { checkMs, deadline } from './upload-deadline.js';
import { assertAllowed } from './upload-regions.js';
import { fileAnswer, type GeminiFile, uploadAnswer } from './wire.js';

export interface UploadOptions {
  readonly data: Uint8Array;
  /** Such as `application/pdf`. */
  readonly mediaType: string;
  /** Shown in Google's list of files. */
  readonly displayName?: string;
  readonly signal?: AbortSignal;
  /** For the whole upload with the wait until the file can be used, in ms. Default 600,000. */
  readonly timeoutMs?: number;
  /** Wait between the first looks at a file that is being processed, in ms; it grows to 5,000. Default 1,000. */
  readonly pollMs?: number;
  /** Default: `GEMINI_API_KEY`, then `GOOGLE_API_KEY`. */
  readonly apiKey?: string;
  /** As in `gemini()`: up to and without `/models`. Default: Google. */
  readonly baseUrl?: string;
  /** Where that is. Default `global`. */
  readonly region?: Region;
  /** The only regions the file may go to, as in a call: elsewhere nothing is sent. An upload is no call, so no client bounds it. */
  readonly regions?: readonly Region[];
}

/** What the provider remembers about an uploaded file. `sizeBytes` bounds the tokens of sound. */
export interface UploadedFile {
  /** `files/…`, for deleting it. */
  readonly name: string;
  readonly sizeBytes: number;
  /** ISO 8601; facts: Google keeps files for 48 hours. Null when it does not say. */
  readonly expiresAt: string | null;
}

/** A file at Google, ready for `messages` and `transcribe()`. */
export type GeminiFileRef = FileRefPart & { readonly providerData: UploadedFile & JsonObject };

const DEFAULT_TIMEOUT_MS = 600_000;
const DEFAULT_POLL_MS = 1_000;
const MAX_POLL_MS = 5_000;
const CONNECT_MS = 10_000;
/** Facts: pieces are multiples of this, but for the last one. */
const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * Uploads a file by Google's resumable protocol and waits until it can be used. Bytes and key go to the host of `baseUrl`
 * only. Throws `no_route` (`regions` do not allow it), `auth`, `invalid_request` (Google could not process the file), `timeout`, `cancelled`, and what a call
 * throws. Nothing is repeated; a failed upload leaves nothing that costs.
 */
export async function uploadFile(options: UploadOptions): Promise<GeminiFileRef> {
  const { data, mediaType, timeoutMs = DEFAULT_TIMEOUT_MS, apiKey, baseUrl, region, regions } = options;
  if (!(data instanceof Uint8Array) || data.byteLength === 0)
    throw new VibeError('invalid_request', 'data must be the bytes of a file, at least one.');
  if (typeof mediaType !== 'string' || !mediaType.includes('/'))
    throw new VibeError('invalid_request', 'mediaType must be a media type such as application/pdf.');
  checkMs('timeoutMs', timeoutMs);
  if (options.pollMs !== undefined) checkMs('pollMs', options.pollMs);
  const settings = { ...(apiKey !== undefined && { apiKey }), ...(baseUrl !== undefined && { baseUrl }) };
  const checked = geminiOptions.safeParse(settings);
  if (!checked.success)
    throw new VibeError('config', `uploadFile: ${checked.error.issues[0]?.message ?? 'wrong options'}.`);
  assertAllowed(region ?? 'global', regions);
  const [place] = geminiEndpoints(checked.data);
  if (place === undefined) throw new VibeError('internal', 'Gemini has no endpoint.');
  const name = `gemini@${place.endpoint.id}`;
  const service: Service = { name, secrets: [place.key.read(name)], classify: classifyFor(place.endpoint) };
  const client = createHttpClient();
  const limit = deadline(options.signal, timeoutMs);
  try {
    const upload = new Upload(client, service, place.endpoint.baseUrl, limit.signal);
    return reference(await upload.run(options), options);
  } finally {
    limit.stop();
    await client.close();
  }
}

class Upload {
  readonly #client: HttpClient;
  readonly #service: Service;
  readonly #baseUrl: string;
  readonly #signal: AbortSignal;

  constructor(client: HttpClient, service: Service, baseUrl: string, signal: AbortSignal) {
    this.#client = client;
    this.#service = service;
    this.#baseUrl = baseUrl;
    this.#signal = signal;
  }

  async run(options: UploadOptions): Promise<GeminiFile> {
    const url = await this.#start(options);
    const file = await this.#send(url, options.data);
    const state = stateOf(file);
    if (state === 'ready') return file;
    if (state === 'failed') throw unusable(file);
    const { name } = file;
    if (typeof name !== 'string') throw missing('$.file.name');
    const firstMs = options.pollMs ?? DEFAULT_POLL_MS;
    const pace = { firstMs, maxMs: Math.max(firstMs, MAX_POLL_MS) };
    return pollTask((signal) => this.#look(name, signal), { pace, signal: this.#signal, what: `The file ${name}` });
  }

  /** The address the bytes go to. Facts: in a header, the body is empty. */
  async #start({ data, mediaType, displayName }: UploadOptions): Promise<string> {
    const headers = await requestHeaders(
      this.#client,
      {
        ...this.#request('POST', uploadStart(this.#baseUrl), {
          'x-goog-upload-protocol': 'resumable',
          'x-goog-upload-command': 'start',
          'x-goog-upload-header-content-length': String(data.byteLength),
          'x-goog-upload-header-content-type': mediaType,
        }),
        body: { file: displayName === undefined ? {} : { display_name: displayName } },
      },
      this.#service,
    );
    return this.#ownAddress(headers['x-goog-upload-url']);
  }

  async #send(url: string, data: Uint8Array): Promise<GeminiFile> {
    let offset = 0;
    for (; data.byteLength - offset > PIECE_BYTES; offset += PIECE_BYTES) {
      const bytes = data.subarray(offset, offset + PIECE_BYTES);
      await requestHeaders(this.#client, { ...this.#piece(url, offset, 'upload'), bytes }, this.#service);
    }
    const last = { ...this.#piece(url, offset, 'upload, finalize'), bytes: data.subarray(offset) };
    const { json, headers } = await requestJson(this.#client, last, this.#service);
    const { file, error } = parseWith(uploadAnswer, json);
    if (file !== undefined && file !== null) return file;
    if (error === undefined || error === null) throw missing('$.file');
    const failure = { status: statusOf(json), headers, json, text: JSON.stringify(error) };
    throw serviceError(this.#service, failure);
  }

  /** The file once it can be used; undefined while it is being processed. */
  async #look(name: string, signal: AbortSignal): Promise<GeminiFile | undefined> {
    const path = name.split('/').map(encodeURIComponent).join('/');
    const request = { ...this.#request('GET', `${this.#baseUrl}/${path}`, {}), signal };
    const { json } = await requestJson(this.#client, request, this.#service);
    const file = parseWith(fileAnswer, json);
    const state = stateOf(file);
    if (state === 'failed') throw unusable(file);
    return state === 'ready' ? file : undefined;
  }

  /** Bytes and key go to the host that was configured, and nowhere else. */
  #ownAddress(address: string | undefined): string {
    if (address === undefined || !URL.canParse(address)) throw missing('the header x-goog-upload-url');
    const [given, own] = [new URL(address), new URL(this.#baseUrl)];
    if (given.origin === own.origin) return address;
    throw new VibeError('invalid_response', `${this.#service.name} names another host for the upload: ${given.host}.`, {
      details: { host: given.host, expected: own.host },
      next: [
        'Nothing was uploaded. If baseUrl is a proxy, let it rewrite the header x-goog-upload-url to its own host.',
      ],
    });
  }

  #piece(url: string, offset: number, command: string) {
    return this.#request('POST', url, { 'x-goog-upload-offset': String(offset), 'x-goog-upload-command': command });
  }

  #request<Method extends 'GET' | 'POST'>(method: Method, url: string, headers: Readonly<Record<string, string>>) {
    const key = keyHeader(this.#service.secrets[0] ?? '');
    return { method, url, headers: { ...key, ...headers }, signal: this.#signal, connectMs: CONNECT_MS };
  }
}

/** Facts: `/upload` stands before the version, at the root of the host. */
function uploadStart(baseUrl: string): string {
  const url = new URL(baseUrl);
  url.pathname = url.pathname.replace(/\/([^/]+)$/, '/upload/$1/files');
  return url.href;
}

/** Facts: PROCESSING, ACTIVE, FAILED; a file without a state is one that needs no processing. */
function stateOf({ state }: GeminiFile): 'ready' | 'processing' | 'failed' {
  if (state === 'FAILED') return 'failed';
  return state === 'ACTIVE' || state === null || state === undefined ? 'ready' : 'processing';
}

function unusable({ name, error }: GeminiFile): VibeError {
  return new VibeError(
    'invalid_request',
    `Google could not process ${name ?? 'the file'}: ${error?.message ?? 'FAILED'}`,
    {
      details: { name: name ?? null },
      next: ['Check that the file is whole and that mediaType is right.'],
    },
  );
}

function missing(path: string): VibeError {
  return new VibeError('invalid_response', `The answer to the upload has no ${path}.`, { details: { path } });
}

function reference(
  { name, uri, mimeType, sizeBytes, expirationTime }: GeminiFile,
  options: UploadOptions,
): GeminiFileRef {
  if (typeof uri !== 'string') throw missing('$.file.uri');
  const size = Number(sizeBytes ?? options.data.byteLength);
  return {
    type: 'file_ref',
    uri,
    mediaType: mimeType ?? options.mediaType,
    providerData: {
      name: name ?? '',
      sizeBytes: Number.isFinite(size) ? size : options.data.byteLength,
      expiresAt: expirationTime ?? null,
    },
  };
}
