import { VibeError } from '../errors/vibe-error.js';
import { untilAborted } from '../flow/abort.js';
import type { EventHub } from '../flow/event-hub.js';
import type { Candidate, PlannedCall } from '../flow/live-call.js';
import { formatUsd, nanoUsdOf } from '../money/nano-usd.js';
import { describeTarget } from '../policies/target-key.js';
import type { ResolvedBudget } from '../spec/budget.js';
import type { Ledger } from '../spec/ledger.js';
import type { NanoUsd } from '../spec/money.js';
import type { Warning } from '../spec/response.js';

export interface CoverParts {
  readonly ledger: Ledger;
  readonly events: EventHub;
}

/**
 * Raises the hold where what may have been billed so far plus the candidate's worst case exceeds it, and brings in the
 * budgets that count the candidate but not the one the hold was made for.
 */
export function cover(
  parts: CoverParts,
  call: PlannedCall,
  held: HeldBudgets,
  candidate: Candidate,
  extraNanoUsd: NanoUsd,
): Promise<void> | null {
  const { state } = call;
  let neededNanoUsd = (candidate.option.cost.worstCaseNanoUsd ?? 0) + extraNanoUsd;
  for (const { actualNanoUsd, estimatedNanoUsd } of state.attempts)
    neededNanoUsd += actualNanoUsd ?? estimatedNanoUsd ?? 0;
  const { maxCostUsd } = call.request;
  if (maxCostUsd !== undefined && neededNanoUsd > nanoUsdOf(maxCostUsd))
    return Promise.reject(tooDear(candidate, neededNanoUsd, maxCostUsd));
  const toNanoUsd = Math.max(neededNanoUsd, state.heldNanoUsd);
  if (toNanoUsd === state.heldNanoUsd && held.covers(candidate)) return null;
  return extend(parts, call, held, candidate, toNanoUsd);
}

/** The first attempt fits, or its candidate would not have been chosen. */
function tooDear({ target }: Candidate, neededNanoUsd: NanoUsd, maxCostUsd: number): VibeError {
  return new VibeError(
    'budget_exceeded',
    `With another attempt this call could come to ${formatUsd(neededNanoUsd)}, maxCostUsd allows ${formatUsd(nanoUsdOf(maxCostUsd))}; it was not sent.`,
    { target, next: ['Raise maxCostUsd, or lower maxOutputTokens: the worst case of every attempt counts.'] },
  );
}

async function extend(
  parts: CoverParts,
  call: PlannedCall,
  held: HeldBudgets,
  candidate: Candidate,
  toNanoUsd: NanoUsd,
): Promise<void> {
  const { state } = call;
  try {
    const extending = parts.ledger.extend(call.id, toNanoUsd, { budgets: candidate.budgets, strict: candidate.strict });
    await untilAborted(extending, call.cancellation, () => undefined);
  } catch (thrown) {
    // Best effort goes on when it is the ledger that fails, and not the money.
    if (held.strict || candidate.strict || !VibeError.is(thrown, 'ledger_unavailable')) throw thrown;
    warn(parts, call, {
      code: 'ledger_unavailable',
      message: 'The ledger did not record a larger hold; the next attempt was sent all the same (best_effort).',
    });
  }
  held.add(candidate);
  const fromNanoUsd = state.heldNanoUsd;
  state.heldNanoUsd = toNanoUsd;
  parts.events.emit('extend', { callId: call.id, target: candidate.target, fromNanoUsd, toNanoUsd });
}

/** What the hold of a call covers. */
export class HeldBudgets {
  readonly #held: Candidate[];

  constructor(candidate: Candidate) {
    this.#held = [candidate];
  }

  get strict(): boolean {
    return this.#held.some(({ strict }) => strict);
  }

  covers(candidate: Candidate): boolean {
    // Nearly every call ends with the candidate it began with.
    if (this.#held[0] === candidate) return true;
    const keys = new Set(this.#held.flatMap(({ budgets }) => budgets.map(keyOf)));
    return (this.strict || !candidate.strict) && candidate.budgets.every((budget) => keys.has(keyOf(budget)));
  }

  add(candidate: Candidate): void {
    this.#held.push(candidate);
  }
}

function keyOf({ window, scope, timezone }: ResolvedBudget): string {
  return `${window} ${timezone ?? ''} ${scope}`;
}

/** In the response, and for whoever listens. */
export function warn({ events }: { readonly events: EventHub }, call: PlannedCall, warning: Warning): void {
  call.state.warnings.push(warning);
  events.emit('warning', { callId: call.id, warning });
}

/** Of each candidate that a call goes to without a bound, the first one or a later one: its cost is not known afterwards either. */
export function warnIfUnpriced(
  parts: { readonly events: EventHub },
  call: PlannedCall,
  { target, option: { cost } }: Candidate,
): void {
  if (cost.worstCaseNanoUsd !== null) return;
  const reason = cost.unboundedReason ?? 'no price is known';
  const message = `${describeTarget(target)} is sent without a bound on its cost (${reason}); it counts as unpriced, not as free.`;
  warn(parts, call, { code: 'unpriced', message });
}
