import { abortSourceOf, type ProviderCall, type ProviderEvent, VibeError } from '@vibe/core';
import {
  briefText,
  eventDocuments,
  type HttpClient,
  type HttpRequest,
  parseWith,
  type ResponseHeaders,
  requestJson,
  requestStream,
  type Service,
  type SseEvent,
  serviceError,
} from '@vibe/provider-kit';
import { statusOf } from './errors.js';
import { GeminiFold, isBlocked } from './from-wire.js';
import { keyHeader, type Prepared } from './prepared.js';
import { type GeminiAnswer, geminiAnswer } from './wire.js';

/** Sends a prepared generateContent request and reads its answer; what one network read has brought comes in one array. */
export async function* generate(
  client: HttpClient,
  call: ProviderCall,
  service: Service,
  { url, body, warnings, streams }: Prepared,
): AsyncGenerator<readonly ProviderEvent[], void, void> {
  const request: HttpRequest = {
    method: 'POST',
    url,
    headers: keyHeader(service.secrets[0] ?? ''),
    body,
    signal: abortSourceOf(call),
    connectMs: call.timeout.connectMs,
  };
  const fold = new GeminiFold();
  let whole = false;
  if (streams) yield* streamed(client, request, service, fold);
  else whole = yield* unary(client, request, service, fold);
  yield [fold.end(service.name, warnings, whole)];
}

/** Returns whether the answer came in one piece: a list is one of events, whether or not they were asked for. */
async function* unary(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
  fold: GeminiFold,
): AsyncGenerator<readonly ProviderEvent[], boolean, void> {
  const { json, headers } = await requestJson(client, request, service);
  const answers = listed(json).map((each) => parseWith(geminiAnswer, each));
  const events = answers.flatMap((each) => fold.accept(each));
  const error = answers.map((each) => errorIn(each, headers, service, fold)).find((each) => each !== null);
  // also the usage of an answer without candidates, or beside an error: it is billed
  const usages = events.filter(({ type }) => type === 'usage');
  const ready = error === undefined ? events : usages;
  if (ready.length > 0) yield ready;
  if (error !== undefined) throw error;
  if (answers.some(hasAnswer)) return !Array.isArray(json);
  throw new VibeError(
    'invalid_response',
    `${service.name} answered with no candidates: ${briefText(JSON.stringify(json), service.secrets)}`,
    {
      details: { path: '$.candidates' },
      next: ['Make the call again. If it stays so, check that baseUrl points to the Gemini API.'],
    },
  );
}

async function* streamed(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
  fold: GeminiFold,
): AsyncGenerator<readonly ProviderEvent[], void, void> {
  const { events, headers } = await requestStream(client, request, service);
  for await (const batch of events) {
    const ready: ProviderEvent[] = [];
    try {
      for (const event of batch) {
        for (const json of documents(event, service)) {
          const answer = parseWith(geminiAnswer, json);
          // usage first: it is metered even when the error beside it ends the stream
          ready.push(...fold.accept(answer));
          const error = errorIn(answer, headers, service, fold);
          if (error !== null) throw error;
        }
      }
    } catch (error) {
      // what came before the failure has been seen
      if (ready.length > 0) yield ready;
      throw error;
    }
    if (ready.length > 0) yield ready;
  }
}

/**
 * The JSON documents of an event. Facts: a stream may end in bare JSON that is no event (an error), and without `alt=sse`,
 * which a proxy may drop, the whole body is one array.
 */
function documents(event: SseEvent, service: Service): readonly unknown[] {
  if (event.type === 'comment') return [];
  if (event.type === 'message') return eventDocuments(event.data);
  const text = event.text.trim();
  if (text.startsWith('<')) {
    const page = briefText(text, service.secrets);
    throw new VibeError('invalid_response', `${service.name} answered with something else than a stream: ${page}`, {
      next: ['Check that baseUrl points to the Gemini API and not to a web page.'],
    });
  }
  try {
    return listed(JSON.parse(text));
  } catch {
    return []; // JSON that was cut: the missing finish reason says so
  }
}

/** Facts: errors may be wrapped in an array. */
function listed(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [json];
}

/** The error in an answer as the service reads it; null when there is none. */
function errorIn(
  { error }: GeminiAnswer,
  headers: ResponseHeaders,
  service: Service,
  fold: GeminiFold,
): VibeError | null {
  if (error === undefined || error === null) return null;
  const json = { error };
  return serviceError(service, { status: statusOf(json), headers, json, text: JSON.stringify(error) }, fold.produced);
}

function hasAnswer(answer: GeminiAnswer): boolean {
  return (answer.candidates?.length ?? 0) > 0 || isBlocked(answer);
}
