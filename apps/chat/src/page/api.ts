import { EventSourceParserStream } from 'eventsource-parser/stream';
import { type CallEvent, type CallRequest, type Failure, type LiveState, pageHeader } from '../wire.js';

/** What the server refused, in the words it gave. */
export class RefusedError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, init);
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as { failure?: Partial<Failure> } | null;
  throw new RefusedError({ ...nothing, message: `The server answered ${response.status}.`, ...body?.failure });
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, signal === undefined ? {} : { signal })).json()) as T;
}

function posting(body: unknown, signal?: AbortSignal): RequestInit {
  const headers = { 'content-type': 'application/json', [pageHeader]: '1' };
  return { method: 'POST', headers, body: JSON.stringify(body), ...(signal !== undefined && { signal }) };
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, posting(body, signal))).json()) as T;
}

/** Everything about one call while it runs. What goes wrong on the way is a `failure` as well. */
export async function* runCall(input: CallRequest): AsyncGenerator<CallEvent> {
  try {
    const { body } = await ask('/api/calls', posting(input));
    if (body === null) return;
    const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
    let last: CallEvent['type'] | null = null;
    for (let event = await events.read(); !event.done; event = await events.read()) {
      const told = JSON.parse(event.value.data) as CallEvent;
      last = told.type;
      yield told;
    }
    if (last !== 'final' && last !== 'failure') yield { type: 'failure', failure: connectionLost };
  } catch (thrown) {
    yield { type: 'failure', failure: thrown instanceof RefusedError ? thrown.failure : connectionLost };
  }
}

/** Stops a call, wherever it is. */
export async function cancelCall(id: string): Promise<void> {
  await ask(`/api/calls/${id}`, { method: 'DELETE', headers: { [pageHeader]: '1' } }).catch(() => undefined);
}

/** A browser asks again by itself when a connection ends, but never after an answer that is no stream. */
const listenAgainMs = 3_000;

/** Tells every new state of the server. A hidden page does not listen: browsers have few connections per server. */
export function listen(conversation: string, tell: (state: LiveState) => void, lost: () => void): void {
  let source: EventSource | null = null;
  const follow = () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (source === null) {
      source = new EventSource(`/api/live?conversation=${conversation}`);
      source.onmessage = ({ data }: MessageEvent<string>) => tell(JSON.parse(data) as LiveState);
      source.onerror = () => {
        lost();
        if (source?.readyState !== EventSource.CLOSED) return;
        source = null;
        setTimeout(follow, listenAgainMs);
      };
    }
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}

const nothing: Failure = {
  code: 'internal',
  message: '',
  next: [],
  details: {},
  retryAfterMs: null,
  costNanoUsd: null,
  attempts: 0,
};

const connectionLost: Failure = {
  ...nothing,
  attempts: null,
  code: 'connection_lost',
  message: 'The connection to the server was lost.',
  next: ['Look whether it still runs and, in the report, what the call cost. Then send the message again.'],
};
