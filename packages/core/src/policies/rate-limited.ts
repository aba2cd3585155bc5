import { VibeError } from '../errors/vibe-error.js';
import type { Target } from '../spec/target.js';
import type { RateRefusal } from './rate-call.js';
import { describeTarget } from './target-key.js';
import { type RateAsk, tooSmallFor } from './window-rules.js';

/** What a refusal has to tell. */
export interface Refused {
  readonly why: RateRefusal;
  readonly ask: RateAsk;
  /** How long the call would have to wait; null when nobody knows, or when no wait helps. */
  readonly waitMs: number | null;
  /** How long it may wait. */
  readonly maxWaitMs: number;
  /** The target is closed because of a provider's 429. */
  readonly isClosed: boolean;
}

/** Our own limiter's refusal: what, why, what to do next. Nothing was sent. */
export function rateLimited(target: Target, refused: Refused): VibeError {
  const { why, ask, maxWaitMs } = refused;
  const waitMs =
    refused.waitMs === null || !Number.isFinite(refused.waitMs) ? null : Math.max(0, Math.ceil(refused.waitMs));
  const { what, next } = words[why](describeTarget(target), { ...refused, waitMs });
  return new VibeError('rate_limited', `${what} Nothing was sent.`, {
    target,
    retryable: why !== 'never',
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
    details: { why, waitMs, maxWaitMs, requests: ask.requests, tokens: ask.tokens, limits: { ...ask.limits } },
    next,
  });
}

interface Words {
  readonly what: string;
  readonly next: readonly string[];
}

const words: Readonly<Record<RateRefusal, (name: string, refused: Refused) => Words>> = {
  never: (name, { ask }) => {
    const limit = tooSmallFor(ask) ?? 'rpm';
    const size = limit === 'tpm' ? `${ask.tokens} tokens` : `${ask.requests} requests`;
    return {
      what: `The request asks for ${size}, which is larger than the whole limit ${limit} of ${name}: no wait would help.`,
      next: [`Send less, or raise ${limit} in \`limits\`.`],
    };
  },
  late: (name, { waitMs, maxWaitMs, isClosed }) => ({
    what: `${isClosed ? `${name} is closed after a 429 of its provider` : `The rate limit of ${name} leaves no room`}: ${
      waitMs === null ? 'nobody can say when that ends' : `the next free slot is in ${waitMs} ms`
    }, this call may wait ${patience(maxWaitMs)}.`,
    next: [
      maxWaitMs > 0
        ? 'Raise maxWaitMs (and retry.budgetMs, if it is set), or allow another model or endpoint.'
        : 'Let the call wait (maxWaitMs, waitOnRateLimit), or allow another model or endpoint.',
    ],
  }),
  slots: (name, { ask, maxWaitMs }) => ({
    what: `All ${ask.limits.concurrency ?? ''} concurrent requests of ${name} are taken and none ended within ${patience(maxWaitMs)}.`,
    next: ['Raise `concurrency` in `limits` or maxWaitMs, or allow another model or endpoint.'],
  }),
  full: (name) => ({
    what: `Too many calls wait for the rate limit of ${name} already.`,
    next: ['Make fewer calls at the same time, or allow another model or endpoint.'],
  }),
};

function patience(maxWaitMs: number): string {
  return `${Math.max(0, Math.floor(maxWaitMs))} ms`;
}
