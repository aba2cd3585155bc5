import type { GenerationResponse, Middleware, Part, Vibe } from '@vibe/core';
import { VibeError } from '@vibe/core';
import { type CallEvent, type Media, type Note, noteNames } from '../wire.js';
import { failureOf } from './failure.js';
import { type CallInput, messagesOf, paintOf, requestBase, traceIdOf } from './read-input.js';

/** More would only be somebody who leans on the send button. */
const maxRunning = 50;

type Tell = (event: CallEvent) => void | Promise<void>;

interface Run {
  readonly tell: Tell;
  readonly ending: AbortController;
}

/** The calls that run now: which page waits for each of them, and how it is ended. */
export class Calls {
  readonly #byTrace = new Map<string, Run>();
  readonly #byCall = new Map<string, Run>();

  /** A middleware is where a call and its trace id meet: from then on its events are known by its own id. */
  readonly middleware: Middleware = (next) => (call) => {
    const run = this.#byTrace.get(call.traceId);
    if (run !== undefined) this.#byCall.set(call.id, run);
    return next(call);
  };

  listenTo(vibe: Vibe): void {
    for (const type of noteNames)
      vibe.on(type, (event) => void this.#byCall.get(event.callId)?.tell({ type, event } as Note));
  }

  /** Runs a call and tells everything about it; resolves when it has ended and been settled, and never rejects. */
  async run(vibe: Vibe, input: CallInput, tell: Tell): Promise<void> {
    const trace = traceIdOf(input.id);
    if (this.#byTrace.size >= maxRunning || this.#byTrace.has(trace)) {
      const message = `${maxRunning} calls run already, or this one does.`;
      return void (await tell({ type: 'failure', failure: failureOf(new VibeError('invalid_request', message)) }));
    }
    const run: Run = { tell, ending: new AbortController() };
    this.#byTrace.set(trace, run);
    try {
      const response = await answer(vibe, input, run);
      await tell(finalOf(response));
    } catch (thrown) {
      await tell({ type: 'failure', failure: failureOf(thrown) });
    } finally {
      this.#byTrace.delete(trace);
      for (const [callId, each] of this.#byCall) if (each === run) this.#byCall.delete(callId);
    }
  }

  /** Stops a call, wherever it is: waiting, sending, answering. False: it is not running. */
  cancel(id: string): boolean {
    const run = this.#byTrace.get(traceIdOf(id));
    run?.ending.abort();
    return run !== undefined;
  }
}

function answer(vibe: Vibe, input: CallInput, { tell, ending: { signal } }: Run): Promise<GenerationResponse> {
  const base = requestBase(input);
  switch (input.kind) {
    case 'chat':
      return chat(vibe, { ...base, messages: messagesOf(input.messages) }, tell, signal);
    case 'speak':
      return vibe.speak({ ...base, text: input.text, signal });
    case 'paint':
      return vibe.paint({ ...base, ...paintOf(input), signal });
    case 'transcribe':
      return vibe.transcribe({
        ...base,
        audio: { type: 'audio', mediaType: input.mediaType, data: input.base64 },
        signal,
      });
  }
}

/** Streams an answer. Stopped, it resolves too, with what arrived and what that cost. */
async function chat(
  vibe: Vibe,
  request: Parameters<Vibe['stream']>[0],
  tell: Tell,
  signal: AbortSignal,
): Promise<GenerationResponse> {
  const stream = vibe.stream(request);
  const stop = () => void stream.cancel('stopped by the user');
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const event of stream) {
      if (event.type === 'delta' && event.text !== undefined) await tell({ type: 'delta', text: event.text });
    }
    return await stream.final();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function finalOf(response: GenerationResponse): CallEvent {
  const { content, text, object: _object, plan: _plan, ...receipt } = response;
  return { type: 'final', text, receipt, media: content.flatMap(mediaOf) };
}

/** What cannot be fetched stays an address of the provider: it is not shown, because the page loads nothing from elsewhere. */
function mediaOf(part: Part): readonly Media[] {
  if (part.type !== 'image' && part.type !== 'audio') return [];
  const { type: kind, mediaType, data } = part;
  if (data instanceof URL) return [];
  const base64 = typeof data === 'string' ? data : Buffer.from(data).toString('base64');
  return [{ kind, mediaType, base64 }];
}
