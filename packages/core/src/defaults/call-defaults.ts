import type { CallSettings } from '../flow/live-call.js';
import type { CallDefaults } from '../spec/options.js';
import type { RequestBase } from '../spec/request.js';

/** What a call does when neither the request nor `defaults` of the client says otherwise. Durations in ms. */
export const callDefaults: CallSettings = {
  connectMs: 10_000,
  firstChunkMs: 60_000,
  unaryMs: 600_000,
  chunkMs: 60_000,
  totalMs: 600_000,
  idleMs: 60_000,
  attempts: 4,
  retryBudgetMs: 60_000,
  on429: true,
  waitOnRateLimit: true,
  maxWaitMs: 30_000,
  onCancel: 'abort',
};

/** The settings of calls: request over client defaults over `callDefaults`. */
export function callSettings(defaults: CallDefaults): (request: RequestBase) => CallSettings {
  const usual = settingsOf({}, defaults);
  return (request) => (saysOtherwise(request) ? settingsOf(request, defaults) : usual);
}

function saysOtherwise({ timeout, retry, waitOnRateLimit, maxWaitMs, onCancel }: RequestBase): boolean {
  return (timeout ?? retry ?? waitOnRateLimit ?? maxWaitMs ?? onCancel) !== undefined;
}

function settingsOf(request: RequestBase, defaults: CallDefaults): CallSettings {
  const timeout = { ...defaults.timeout, ...said(request.timeout) };
  const retry = { ...defaults.retry, ...said(request.retry) };
  const maxWaitMs = request.maxWaitMs ?? defaults.maxWaitMs ?? callDefaults.maxWaitMs;
  return {
    connectMs: timeout.connectMs ?? callDefaults.connectMs,
    firstChunkMs: timeout.firstChunkMs ?? callDefaults.firstChunkMs,
    unaryMs: timeout.firstChunkMs ?? timeout.totalMs ?? callDefaults.totalMs,
    chunkMs: timeout.chunkMs ?? callDefaults.chunkMs,
    totalMs: timeout.totalMs ?? callDefaults.totalMs,
    idleMs: timeout.idleMs ?? callDefaults.idleMs,
    attempts: retry.attempts ?? callDefaults.attempts,
    // One deadline for waits and retries: who only says how long it may wait means that long.
    retryBudgetMs: retry.budgetMs ?? Math.max(callDefaults.retryBudgetMs, maxWaitMs),
    on429: retry.on429 ?? callDefaults.on429,
    waitOnRateLimit: request.waitOnRateLimit ?? callDefaults.waitOnRateLimit,
    maxWaitMs,
    onCancel: request.onCancel ?? callDefaults.onCancel,
  };
}

/** Without the fields that are there and undefined: who passes an option on that nobody gave has not said anything. */
function said<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
