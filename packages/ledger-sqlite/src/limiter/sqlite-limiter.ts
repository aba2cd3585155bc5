import { counted, type LimitDemand, type Limiter, type PluginHost, VibeError } from '@vibe/core';
import type { LedgerParts, LedgerSettings } from '../main/ledger-parts.js';
import { within } from '../main/within.js';
import type { RateCounters } from './outage.js';
import { abortErrorOf, PendingCall } from './pending-call.js';
import { RateDesk, wholeTokens } from './rate-desk.js';
import { endOrder, learnOrder } from './rate-orders.js';

/** How long `close` waits until other processes are told. */
const maxGoodbyeMs = 2_000;

/** The rate limits of all processes that share a file. */
export interface SqliteLimiter extends Limiter {
  counters(): RateCounters;
}

/** Works through the writer thread of the ledger whose parts it is given; opens the file at its first use. */
export function createSqliteLimiter(
  { queue, ask, path }: LedgerParts,
  { seams = {} }: LedgerSettings,
  host: PluginHost,
): SqliteLimiter {
  const desk = new RateDesk({ queue, host, path, seams });
  let closing: Promise<void> | null = null;

  const close = async () => {
    const calls = [...desk.waiting.values(), ...desk.asking.values()];
    for (const call of calls) call.giveUp(closedError());
    desk.close();
    await desk.alone.close();
    if (!queue.started || queue.isClosed) return;
    // What was sent without the file counts on its day; this is the last time to tell.
    await within(desk.outage.retry(), maxGoodbyeMs, undefined);
    if (desk.outage.isDown) return;
    const said = new Promise<void>((resolve) =>
      queue.rate(null, endOrder, { done: () => resolve(), failed: () => resolve() }),
    );
    await within(said, maxGoodbyeMs, undefined);
  };

  return {
    kind: 'limiter',
    acquire(target, demand, options) {
      if (desk.isClosed) return Promise.reject(closedError());
      if (options.onAbort === undefined && options.signal.aborted) return Promise.reject(abortErrorOf(options.signal));
      return new Promise((resolve, reject) => {
        const call = new PendingCall(desk, target, wholeDemand(demand), options, resolve, reject);
        if (desk.outage.isDown || !queue.hasRoom) {
          call.goAlone();
          desk.outage.probe();
        } else {
          call.ask(options.maxWaitMs);
        }
      });
    },
    async peek(target, options) {
      const { limits = {}, demand = { requests: 1, tokens: 0 } } = options ?? {};
      if (desk.outage.isDown) return desk.alone.peek(target, { limits, demand });
      const whole = wholeDemand(demand);
      const { minuteMs } = seams.rates ?? {};
      try {
        const known = await desk.standing(target, whole, limits);
        if (known !== null) return { target, ...known };
        return { target, ...(await ask('limits', { target, limits, demand: whole, nowMs: desk.now(), minuteMs })) };
      } catch {
        return desk.alone.peek(target, { limits, demand });
      }
    },
    learn(target, hint) {
      desk.alone.learn(target, hint);
      desk.tell(target, learnOrder(hint));
    },
    close: () => {
      closing ??= close();
      return closing;
    },
    counters: () => ({ ...desk.outage.counters }),
  };
}

function wholeDemand({ requests, tokens }: LimitDemand): LimitDemand {
  return { requests: counted(requests), tokens: wholeTokens(tokens) };
}

function closedError(): VibeError {
  return new VibeError('cancelled', 'The limiter is closed. Nothing was sent; make a new client to go on.');
}
