import { randomUUID } from 'node:crypto';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { type CallEvent, type CallRequest, type LiveState, pageHeader } from '../wire.js';
import type { RunningChat } from './running-chat.js';

type ChatCall = Extract<CallRequest, { kind: 'chat' }>;

/** A message as the page sends it. */
export function say(text: string, more: Partial<ChatCall> = {}, images: readonly object[] = []): ChatCall {
  const messages = [{ role: 'user' as const, text, images: images as never }];
  return { kind: 'chat', id: randomUUID(), conversation: randomUUID(), messages, ...more };
}

/** Runs a call as the page does. */
export async function openCall({ url }: Pick<RunningChat, 'url'>, input: CallRequest) {
  const page = new AbortController();
  const response = await fetch(`${url}/api/calls`, {
    method: 'POST',
    headers: { origin: url, [pageHeader]: '1', 'content-type': 'application/json' },
    body: JSON.stringify(input),
    signal: page.signal,
  });
  return { events: read<CallEvent>(response), leave: () => page.abort() };
}

/** The state of the server, whenever it changes. */
export async function openLive({ url }: Pick<RunningChat, 'url'>, conversation: string) {
  const page = new AbortController();
  const response = await fetch(`${url}/api/live?conversation=${conversation}`, { signal: page.signal });
  return { states: read<LiveState>(response), leave: () => page.abort() };
}

async function* read<T>({ body, status }: Response): AsyncGenerator<T> {
  if (body === null || status !== 200) throw new Error(`The server answered ${status}.`);
  const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
  for (let event = await events.read(); !event.done; event = await events.read())
    yield JSON.parse(event.value.data) as T;
}

export async function all<T>(events: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}
