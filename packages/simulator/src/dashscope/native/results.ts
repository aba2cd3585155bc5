import { randomStream, seededUuid } from '../../answer/random.js';
import { refuse } from '../../errors.js';
import type { Exchange } from '../../exchange.js';
import { makeReply, type Reply } from '../../http/reply.js';
import { asObject } from '../../json.js';
import { pngOf } from '../../media/png.js';
import { speechOf, wavOfSpeech } from '../../media/speech.js';

type ResultKind = 'speech' | 'image' | 'transcript';

interface StoredResult {
  readonly kind: ResultKind;
  readonly words: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly json: unknown;
}

const headersOf: Readonly<Record<ResultKind, string>> = {
  speech: 'audio/wav',
  image: 'image/png',
  transcript: 'application/json',
};

/** Puts a result where the client can fetch it, and gives its signed address. */
export function resultAddress(
  exchange: Exchange,
  kind: ResultKind,
  words: string,
  suffix: string,
  more: Partial<Pick<StoredResult, 'size' | 'json'>> = {},
): string {
  const id = seededUuid(randomStream('result', exchange.requestId, kind, words));
  const stored: StoredResult = { kind, words, size: { width: 0, height: 0 }, json: null, ...more };
  exchange.shelf.put(`result ${id}`, stored);
  return `${exchange.origin}/results/${id}.${suffix}?Expires=1999999999&OSSAccessKeyId=simulated&Signature=simulated`;
}

/** `GET /results/…`: the file itself. Facts: the storage knows no keys of the service, and its signed address is enough. */
export function showResult(exchange: Exchange): Reply {
  if (exchange.headers.authorization !== undefined) {
    return refuse(exchange, {
      reason: 'invalid_parameter_error',
      message:
        'Only one auth mechanism allowed; only the Signature query parameter or the Authorization header should be specified.',
    });
  }
  const id = /([0-9a-f-]{36})\.\w+$/.exec(exchange.path)?.[1] ?? '';
  const stored = asObject(exchange.shelf.get(`result ${id}`)) as StoredResult | null;
  if (stored === null || exchange.query.get('Signature') === null) return refuse(exchange, { status: 403 });
  const headers = { 'content-type': headersOf[stored.kind], 'x-oss-request-id': exchange.requestId };
  return makeReply({ headers, steps: [{ do: 'bytes', bytes: bytesOf(stored) }] });
}

function bytesOf({ kind, words, size, json }: StoredResult): Buffer {
  if (kind === 'speech') return wavOfSpeech(speechOf(words));
  if (kind === 'image') return pngOf(size.width, size.height, words);
  return Buffer.from(JSON.stringify(json));
}
