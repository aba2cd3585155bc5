import { VibeError } from '@vibe/core';
import { createParser } from 'eventsource-parser';
import type { ResponseBody } from '../http/http-client.js';

/** What a stream of server-sent events can contain. */
export type SseEvent =
  | { readonly type: 'message'; readonly event: string | null; readonly data: string }
  /** A line that starts with a colon. Usually a sign of life; DashScope's native API puts the real status there. */
  | { readonly type: 'comment'; readonly comment: string }
  /** At the end only: all lines that are no event. Gemini ends a failed stream with bare JSON. */
  | { readonly type: 'stray'; readonly text: string };

/** The largest event, in characters; an image in base64 is one event. The lines outside of events have the same bound. */
const MAX_EVENT_CHARS = 64 * 1024 * 1024;
/** How long the end of the body may follow the last event before the connection is given up instead of reused. */
const END_GRACE_MS = 250;

/**
 * The events of a body, those of one network read together. Reads only when it is asked to; when it is left early, the
 * body is destroyed. `lastData` is the data after which no more events are expected: the rest of the body is then read
 * for a moment so that the connection can be used again.
 *
 * A last event without its empty line counts when it is whole (its data is JSON or `lastData`); otherwise the stream
 * was cut and the piece is dropped. An event that is too large is `invalid_response`.
 */
export async function* readSse(body: ResponseBody, lastData?: string): AsyncGenerator<readonly SseEvent[], void, void> {
  let batch: SseEvent[] = [];
  let stray = '';
  let ended = false;
  let flushing = false;
  let tooLarge = false;
  let grace: NodeJS.Timeout | undefined;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent: ({ event, data }) => {
      if (ended || (flushing && data !== lastData && !isJson(data))) return;
      batch.push({ type: 'message', event: event ?? null, data });
      ended = data === lastData;
    },
    onComment: (comment) => {
      if (!ended) batch.push({ type: 'comment', comment });
    },
    onError: ({ type, line }) => {
      if (type === 'unknown-field') stray += `${line}\n`;
      tooLarge ||= type === 'max-buffer-size-exceeded' || stray.length > MAX_EVENT_CHARS;
    },
  });

  const decoder = new TextDecoder();
  try {
    for await (const bytes of body) {
      if (ended) continue;
      parser.feed(decoder.decode(bytes, { stream: true }));
      if (tooLarge) throw eventTooLarge();
      if (batch.length > 0) {
        const ready = batch;
        batch = [];
        yield ready;
      }
      if (ended) grace = setTimeout(() => body.destroy(), END_GRACE_MS).unref();
    }
  } catch (error) {
    if (!ended) throw error;
  } finally {
    clearTimeout(grace);
  }
  if (ended) return;
  flushing = true;
  parser.feed(`${decoder.decode()}\n\n`);
  if (tooLarge) throw eventTooLarge();
  if (stray.trim() !== '') batch.push({ type: 'stray', text: stray });
  if (batch.length > 0) yield batch;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function eventTooLarge(): VibeError {
  return new VibeError('invalid_response', `The stream contains an event of more than ${MAX_EVENT_CHARS} characters.`, {
    next: ['Check that baseUrl points to the streaming API.'],
  });
}
