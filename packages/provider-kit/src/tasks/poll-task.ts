import { VibeError } from '@vibe/core';
import { abortError } from '../http/abort.js';

/** How often a task is looked at. */
export interface PollPace {
  /** Wait before the first look, in ms. */
  readonly firstMs: number;
  /** The longest wait between two looks, in ms. */
  readonly maxMs: number;
  /** How long one look may take, in ms. Default 15,000: below the chain's 60,000 between two signs of life. */
  readonly lookMs?: number;
}

/** Looks once; the signal ends with that look. Undefined: the task runs. */
type Look<Result> = (signal: AbortSignal) => Promise<Result | undefined>;

export interface PollOptions {
  readonly pace: PollPace;
  readonly signal: AbortSignal;
  /** For messages: which task of whom. */
  readonly what: string;
}

const DEFAULT_LOOK_MS = 15_000;
/** The wait doubles after this many looks. */
const LOOKS_PER_STEP = 3;
/** A task that cannot be looked at so often in a row is given up; looking costs nothing, so a hiccup must not lose it. */
const MAX_FAILURES_IN_A_ROW = 5;
/** More than a day at five seconds each: no provider keeps a task for longer. */
const MAX_LOOKS = 20_000;

/**
 * Waits for a task that a provider has accepted: calls `look` until it gives something else than undefined. A look that
 * fails for the moment (a limit, an overload, the network, no answer, one that cannot be read) is made again; any other failure ends the wait. Rejects with
 * the signal's `abortError` as soon as it is aborted. Never makes the task again.
 */
export async function pollTask<Result>(look: Look<Result>, options: PollOptions): Promise<Result> {
  const looks = looksAtTask(look, options);
  for (;;) {
    const step = await looks.next();
    if (step.done === true) return step.value;
  }
}

/** The same, look by look: yields after each one that has found nothing, so that a watcher sees a sign of life. */
export async function* looksAtTask<Result>(
  look: Look<Result>,
  { pace, signal, what }: PollOptions,
): AsyncGenerator<undefined, Result, void> {
  let failures = 0;
  let waitMs = pace.firstMs;
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    if (looks > 0 && looks % LOOKS_PER_STEP === 0) waitMs = Math.min(pace.maxMs, waitMs * 2);
    await pause(waitMs, signal);
    try {
      const result = await lookWithin(look, pace.lookMs ?? DEFAULT_LOOK_MS, { signal, what });
      if (result !== undefined) return result;
      failures = 0;
    } catch (error) {
      failures++;
      if (signal.aborted || failures >= MAX_FAILURES_IN_A_ROW || !isPassing(error)) throw error;
      await pause(Math.min(error.retryAfterMs ?? 0, pace.maxMs), signal);
    }
    yield undefined;
  }
  throw new VibeError('timeout', `${what} was looked at ${MAX_LOOKS} times and has not ended.`, {
    next: ['Ask the provider about the task.'],
  });
}

/** One look, which a connection that hangs must not keep for ever. */
async function lookWithin<Result>(
  look: Look<Result>,
  lookMs: number,
  { signal, what }: Pick<PollOptions, 'signal' | 'what'>,
): Promise<Result | undefined> {
  const own = new AbortController();
  const onAbort = () => own.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const late = () => own.abort(new VibeError('timeout', `A look at ${what} had no answer within ${lookMs} ms.`));
  const timer = setTimeout(late, lookMs);
  try {
    return await look(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function isPassing(error: unknown): error is VibeError {
  return (
    VibeError.is(error) &&
    (error.code === 'provider_rate_limited' ||
      error.code === 'provider_unavailable' ||
      error.code === 'stream_truncated' ||
      error.code === 'invalid_response' || // a page of a proxy, once
      error.code === 'timeout')
  );
}

/** Keeps the process alive: somebody waits for the result. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortError(signal));
    const onAbort = () => {
      clearTimeout(timer);
      reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * A failure after a provider had accepted a task. The task may run on and be billed, so the same request must not be sent
 * again, neither here nor elsewhere: the error is not retryable and counts as billed. `taskId` is for the caller.
 */
export function afterSubmit(error: unknown, taskId: string): VibeError {
  const known = VibeError.from(error);
  const { code, message, status, requestId, retryAfterMs, next, details, cause } = known;
  if (code === 'cancelled') return known;
  return new VibeError(code, `${message} The task ${taskId} was accepted and may be billed; it was not sent again.`, {
    retryable: false,
    mayBeBilled: true,
    status,
    requestId,
    retryAfterMs,
    next,
    details: { ...details, taskId },
    cause,
  });
}
