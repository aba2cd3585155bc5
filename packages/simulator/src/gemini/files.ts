import { randomStream, seededUuid } from '../answer/random.js';
import { refuse } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { makeReply, type Reply } from '../http/reply.js';
import { asObject, asString, eitherCase, type JsonObject } from '../json.js';
import { refuseKey } from './admission.js';
import { type StoredFile, shelfName, storedFile } from './stored-file.js';
import { documentReply, jsonHeaders } from './wire.js';

/** An upload that was started. */
interface Upload {
  readonly id: string;
  readonly displayName: string | null;
  readonly mimeType: string;
  readonly announced: number | null;
  readonly received: number;
}

const HOUR_MS = 3_600_000;
/** Facts: files are kept for 48 hours. */
const KEPT_MS = 48 * HOUR_MS;
/** Video is looked at before it can be used; other files are ready at once. */
const VIDEO_POLLS = 2;

/**
 * `POST /upload/v1beta/files`, the resumable protocol: start, any number of pieces, finalize. A display name that begins
 * with `processing: N` is PROCESSING for N looks at it, one with the word `failing` ends as FAILED.
 */
export function uploadFile(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const commands = headerOf(exchange, 'x-goog-upload-command').split(/\s*,\s*/);
  const id = exchange.query.get('upload_id');
  if (id === null) return commands.includes('start') ? startUpload(exchange) : badUpload(exchange, 'No command start.');
  const upload = exchange.shelf.get(`gemini upload ${id}`) as Upload | undefined;
  if (upload === undefined) return refuse(exchange, { reason: 'path_not_found' });
  if (headerOf(exchange, 'x-goog-upload-offset') !== String(upload.received))
    return badUpload(exchange, `Offset must be ${upload.received}.`);
  const grown = { ...upload, received: upload.received + exchange.received.bytes };
  exchange.shelf.put(`gemini upload ${id}`, grown);
  if (!commands.includes('finalize')) return emptyReply({ 'x-goog-upload-status': 'active' });
  if (grown.announced !== null && grown.announced !== grown.received)
    return badUpload(exchange, `Expected ${grown.announced} bytes, got ${grown.received}.`);
  return finishUpload(exchange, grown);
}

function startUpload(exchange: Exchange): Reply {
  const id = exchange.requestId.replaceAll('-', '');
  const file = asObject(exchange.body['file']);
  const announced = headerOf(exchange, 'x-goog-upload-header-content-length');
  const upload: Upload = {
    id,
    displayName: asString(eitherCase(file, 'displayName')),
    mimeType: headerOf(exchange, 'x-goog-upload-header-content-type') || 'application/octet-stream',
    announced: announced === '' ? null : Number(announced),
    received: 0,
  };
  exchange.shelf.put(`gemini upload ${id}`, upload);
  const url = `${exchange.origin}${exchange.path}?upload_id=${id}&upload_protocol=resumable`;
  return emptyReply({
    'x-goog-upload-status': 'active',
    'x-goog-upload-url': url,
    'x-goog-upload-control-url': url,
    'x-goog-upload-chunk-granularity': '8388608',
  });
}

function finishUpload(exchange: Exchange, { id, displayName, mimeType, received }: Upload): Reply {
  const short = seededUuid(randomStream('file', exchange.settings.seed, id))
    .replaceAll('-', '')
    .slice(0, 12);
  const name = `files/${short}`;
  const asked = Number(/^processing:\s*(\d{1,4})/.exec(displayName ?? '')?.[1] ?? Number.NaN);
  const file: StoredFile = {
    name,
    uri: `${exchange.origin}/v1beta/${name}`,
    displayName,
    mimeType,
    bytes: received,
    pollsLeft: Number.isNaN(asked) ? (mimeType.startsWith('video/') ? VIDEO_POLLS : 0) : asked,
    fails: /\bfailing\b/.test(displayName ?? ''),
  };
  exchange.shelf.put(shelfName(file.name), file);
  return documentReply({ file: fileCard(file) }, { ...jsonHeaders, 'x-goog-upload-status': 'final' });
}

/** `GET` and `DELETE /v1beta/files/{id}`. */
export function showFile(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const file = storedFile(exchange.shelf, exchange.path);
  if (file === null) return refuse(exchange, { reason: 'path_not_found' });
  const seen = { ...file, pollsLeft: Math.max(0, file.pollsLeft - 1) };
  exchange.shelf.put(shelfName(file.name), seen);
  return documentReply(fileCard(seen));
}

export function deleteFile(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const file = storedFile(exchange.shelf, exchange.path);
  if (file === null) return refuse(exchange, { reason: 'path_not_found' });
  exchange.shelf.put(shelfName(file.name), null);
  return documentReply({});
}

function fileCard(file: StoredFile): JsonObject {
  const now = Date.now();
  const state = file.pollsLeft > 0 ? 'PROCESSING' : file.fails ? 'FAILED' : 'ACTIVE';
  return {
    name: file.name,
    ...(file.displayName !== null && { displayName: file.displayName }),
    mimeType: file.mimeType,
    sizeBytes: String(file.bytes),
    createTime: new Date(now).toISOString(),
    updateTime: new Date(now).toISOString(),
    expirationTime: new Date(now + KEPT_MS).toISOString(),
    uri: file.uri,
    state,
    source: 'UPLOADED',
    ...(state === 'FAILED' && { error: { code: 3, message: 'The file could not be processed.' } }),
  };
}

function headerOf(exchange: Exchange, name: string): string {
  const value = exchange.headers[name];
  return typeof value === 'string' ? value : '';
}

function emptyReply(headers: Reply['headers']): Reply {
  return makeReply({ headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, steps: [] });
}

function badUpload(exchange: Exchange, message: string): Reply {
  return refuse(exchange, { reason: 'invalid_argument', message });
}
