import { redact } from '../errors/redact.js';
import { formatUsd } from '../money/nano-usd.js';
import { tokensOf } from '../money/usage.js';
import { describeTarget } from '../policies/target-key.js';
import type { NanoUsd } from '../spec/money.js';
import type { AttemptRecord, Warning } from '../spec/response.js';
import type { RankedRoute, RejectedRoute } from '../spec/router.js';
import type { VibeEvents } from '../spec/vibe.js';

/** More candidates of one kind than these are counted, not listed. */
const maxListed = 20;

/**
 * The lines of every event. Nothing the caller or the model wrote is in them: of errors and warnings the code, because
 * providers quote requests in their messages.
 */
export const decisionLines: { readonly [K in keyof VibeEvents]: (event: VibeEvents[K]) => readonly string[] } = {
  plan: ({ callId, operation, model, policy, inputTokens, candidates, rejected }) => {
    const asked = model === null ? 'the default model' : `"${model}"`;
    const found = `${candidates.length} may serve, ${rejected.length} may not`;
    return [
      line(callId, 'plan', `${operation} ${asked}, ${policy}: ${found}; at most ${inputTokens} input tokens`),
      ...listed(candidates, (route, place) => line(callId, 'candidate', candidateText(route, place))),
      ...listed(rejected, (route) => line(callId, 'rejected', rejectedText(route))),
      ...unlisted(callId, candidates, rejected),
    ];
  },
  hold: ({ callId, target, amountNanoUsd, budgets, strict }) => {
    const names = budgets.length === 0 ? 'no budget' : budgets.join(', ');
    const mode = strict ? 'strict' : 'best effort';
    return [line(callId, 'hold', `${formatUsd(amountNanoUsd)} for ${describeTarget(target)} in ${names} (${mode})`)];
  },
  extend: ({ callId, target, fromNanoUsd, toNanoUsd }) => [
    line(callId, 'extend', `${formatUsd(fromNanoUsd)} to ${formatUsd(toNanoUsd)} for ${describeTarget(target)}`),
  ],
  downgrade: ({ callId, from, to, reason }) => [
    line(callId, 'downgrade', `${describeTarget(from)} to ${describeTarget(to)}: ${reason}`),
  ],
  wait: ({ callId, target, waitMs, place }) => [
    line(callId, 'wait', `${ms(waitMs)} for a permit of ${describeTarget(target)}, ${place} before it`),
  ],
  attempt: ({ callId, record }) => [line(callId, `attempt ${record.attempt}`, attemptText(record))],
  retry: ({ callId, target, attempt, delayMs, reason }) => [
    line(callId, 'retry', `attempt ${attempt} at ${describeTarget(target)} in ${ms(delayMs)}: ${reason}`),
  ],
  failover: ({ callId, from, to, reason }) => [
    line(callId, 'failover', `${describeTarget(from)} to ${describeTarget(to)}: ${reason}`),
  ],
  breaker: ({ target, from, to }) => [line(null, 'breaker', `${describeTarget(target)}: ${from} to ${to}`)],
  reachability: ({ provider, endpoint, region, from, to }) => [
    line(null, 'probe', `${provider}/${endpoint} (${region}): ${from} to ${to}`),
  ],
  settle: ({ callId, status, target, actualNanoUsd, heldNanoUsd, errorCode }) => {
    const code = errorCode === null || errorCode === status ? '' : ` (${errorCode})`;
    const who = target === null ? '' : ` ${describeTarget(target)}:`;
    return [line(callId, 'settle', `${status}${code}${who} ${cost(actualNanoUsd)} of ${formatUsd(heldNanoUsd)} held`)];
  },
  blocked: ({ callId, status, errorCode, reason }) => [
    // Only these messages are our own; a plugin that fails may say anything.
    line(callId, status, status === 'blocked' ? `${errorCode}: ${reason}` : `before the hold: ${errorCode}`),
  ],
  warning: ({ callId, warning }) => [line(callId, 'warning', warningText(warning))],
};

function candidateText({ target, score, scoreParts }: RankedRoute, place: number): string {
  const parts = Object.entries(scoreParts).map(([part, value]) => `${part} ${value.toFixed(2)}`);
  const why = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `${place}. ${describeTarget(target)}, score ${score.toFixed(3)}${why}`;
}

function rejectedText({ target, code, reason }: RejectedRoute): string {
  return `${describeTarget(target)}, ${code}: ${reason}`;
}

function attemptText(record: AttemptRecord): string {
  const { target, status, totalMs, ttftMs, usage, actualNanoUsd, errorCode, httpStatus } = record;
  const facts = [`${describeTarget(target)} ${status} in ${ms(totalMs)}`];
  if (status === 'failed') facts.push(httpStatus === null ? `${errorCode}` : `${errorCode} (HTTP ${httpStatus})`);
  if (ttftMs !== null) facts.push(`first token after ${ms(ttftMs)}`);
  if (usage !== null) facts.push(`${tokensOf(usage.quantities)} tokens${usage.unknown ? ` (${usage.source})` : ''}`);
  facts.push(cost(actualNanoUsd));
  return facts.join(', ');
}

function warningText({ code, details }: Warning): string {
  const { budget, threshold } = details ?? {};
  const about = typeof budget === 'string' ? ` of ${budget}` : '';
  return typeof threshold === 'number' ? `${code}${about} at ${Math.round(threshold * 100)} %` : `${code}${about}`;
}

function listed<T>(routes: readonly T[], text: (route: T, place: number) => string): readonly string[] {
  return routes.slice(0, maxListed).map((route, index) => text(route, index + 1));
}

function unlisted(
  callId: string,
  candidates: readonly RankedRoute[],
  rejected: readonly RejectedRoute[],
): readonly string[] {
  const more = [candidates, rejected].map((routes) => Math.max(0, routes.length - maxListed));
  const [candidate, refused] = more;
  return more.every((count) => count === 0)
    ? []
    : [line(callId, 'plan', `not listed: ${candidate} more that may serve, ${refused} more that may not`)];
}

/** Digits enough to tell the running calls apart: the end of an id is random, its beginning is the time. */
function line(callId: string | null, step: string, text: string): string {
  const who = callId === null ? '-'.repeat(8) : callId.slice(-8);
  return redact(`vibe ${who} ${step.padEnd(10)} ${text}`.replace(controlCharacters, ' '));
}

/** A name from outside must not move the cursor or begin a line of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g;

function ms(durationMs: number): string {
  return `${Math.round(durationMs)} ms`;
}

function cost(nanoUsd: NanoUsd | null): string {
  return nanoUsd === null ? 'cost unknown' : formatUsd(nanoUsd);
}
