import { VibeError } from '../errors/vibe-error.js';
import { formatUsd, usdOf } from '../money/nano-usd.js';
import type { BudgetCrossing, BudgetRef, BudgetRefusal, ResolvedBudget } from '../spec/budget.js';
import type { NanoUsd } from '../spec/money.js';
import { describeScope } from './budget-scope.js';

/** One budget of a call with what its window holds at this moment. */
export interface BudgetBalance {
  readonly budget: ResolvedBudget;
  readonly spentNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
  readonly resetsAtMs: number | null;
  /** The highest amount that was already warned about in this window, as `warningMark` gives it; 0 when none. */
  readonly warnedUpTo: number;
}

/** What a hold, or the extension of one, asks of every budget. */
export interface Ask {
  /** Added to what is held. */
  readonly addNanoUsd: NanoUsd;
  /** The whole amount of the call afterwards: what a `call` budget bounds. */
  readonly callNanoUsd: NanoUsd;
}

/**
 * The one rule of admission: spent + held + asked must not pass the limit. Returns the first budget that refuses, or
 * null when all admit. Shadow budgets never refuse.
 */
export function refusalOf(balances: readonly BudgetBalance[], ask: Ask): BudgetRefusal | null {
  for (const balance of balances) {
    if (balance.budget.shadow) continue;
    const refusal = shortfallOf(balance, ask);
    if (refusal !== null) return refusal;
  }
  return null;
}

/**
 * Admission of more money for a call: its budgets see the difference, budgets that join it the whole amount. Who asks for
 * nothing more is not refused by a budget that has been overrun since.
 */
export function refusalOfExtension(
  own: readonly BudgetBalance[],
  joining: readonly BudgetBalance[],
  fromNanoUsd: NanoUsd,
  toNanoUsd: NanoUsd,
): BudgetRefusal | null {
  const addNanoUsd = toNanoUsd - fromNanoUsd;
  const refusal = addNanoUsd > 0 ? refusalOf(own, { addNanoUsd, callNanoUsd: toNanoUsd }) : null;
  return refusal ?? refusalOf(joining, { addNanoUsd: toNanoUsd, callNanoUsd: toNanoUsd });
}

function shortfallOf(balance: BudgetBalance, ask: Ask): BudgetRefusal | null {
  const { budget, resetsAtMs } = balance;
  const perCall = budget.window === 'call';
  const spentNanoUsd = perCall ? 0 : balance.spentNanoUsd;
  const heldNanoUsd = perCall ? 0 : balance.heldNanoUsd;
  const askedNanoUsd = perCall ? ask.callNanoUsd : ask.addNanoUsd;
  const shortfallNanoUsd = spentNanoUsd + heldNanoUsd + askedNanoUsd - budget.limitNanoUsd;
  if (shortfallNanoUsd <= 0) return null;
  return { budget, spentNanoUsd, heldNanoUsd, askedNanoUsd, shortfallNanoUsd, resetsAtMs };
}

/** Thresholds that an admitted ask crosses and that have not been warned about in this window. */
export function crossingsOf(balances: readonly BudgetBalance[], ask: Ask): readonly BudgetCrossing[] {
  const crossings: BudgetCrossing[] = [];
  for (const balance of balances) {
    const { budget } = balance;
    const perCall = budget.window === 'call';
    const spentNanoUsd = perCall ? 0 : balance.spentNanoUsd;
    const heldNanoUsd = perCall ? ask.callNanoUsd : balance.heldNanoUsd + ask.addNanoUsd;
    const isNew = (threshold: number, wouldRefuse: boolean) =>
      warningMark({ budget, threshold, wouldRefuse }) > balance.warnedUpTo;
    // A shadow budget that would have refused is told once per window, like a threshold just above its limit.
    const wouldRefuse = budget.shadow && shortfallOf(balance, ask) !== null && isNew(1, true);
    const usedNanoUsd = spentNanoUsd + heldNanoUsd;
    const reached = budget.warnAt.filter(
      (threshold) => usedNanoUsd >= warningMark({ budget, threshold, wouldRefuse: false }) && isNew(threshold, false),
    );
    const threshold = wouldRefuse ? 1 : Math.max(0, ...reached);
    if (threshold > 0) crossings.push({ budget, threshold, spentNanoUsd, heldNanoUsd, wouldRefuse });
  }
  return crossings;
}

/**
 * What a window remembers of a warning: the amount it stands at. Budgets that count the same money may have other limits
 * (a shadow beside a real one, a limit that was raised), and each of them warns for itself.
 */
export function warningMark({
  budget,
  threshold,
  wouldRefuse,
}: Pick<BudgetCrossing, 'budget' | 'threshold' | 'wouldRefuse'>): NanoUsd {
  return wouldRefuse ? budget.limitNanoUsd + 1 : Math.round(threshold * budget.limitNanoUsd);
}

/** Names a budget in messages and details. */
export function budgetRef(budget: ResolvedBudget): BudgetRef {
  const { id, scope, window, origin } = budget;
  return { id, scope, window, limitUsd: usdOf(budget.limitNanoUsd), origin };
}

/** `budget_exceeded` with every number a person needs to understand and mend it. */
export function budgetExceeded(refusal: BudgetRefusal): VibeError {
  const { budget, spentNanoUsd, heldNanoUsd, askedNanoUsd, shortfallNanoUsd, resetsAtMs } = refusal;
  const resetsAt = resetsAtMs === null ? null : new Date(resetsAtMs).toISOString();
  const state =
    budget.window === 'call'
      ? `this call can cost ${formatUsd(askedNanoUsd)}`
      : `spent ${formatUsd(spentNanoUsd)}, held ${formatUsd(heldNanoUsd)}, this call can cost ${formatUsd(askedNanoUsd)}`;
  const message =
    `The ${budget.window} budget "${budget.id}" (${describeScope(budget.scope)}) would be passed; nothing was sent: ` +
    `${state}, the limit is ${formatUsd(budget.limitNanoUsd)}, short by ${formatUsd(shortfallNanoUsd)}.` +
    (resetsAt === null ? '' : ` It resets at ${resetsAt}.`);
  return new VibeError('budget_exceeded', message, {
    details: {
      budget: budgetRef(budget),
      scope: budget.scope,
      window: budget.window,
      spentUsd: usdOf(spentNanoUsd),
      heldUsd: usdOf(heldNanoUsd),
      askedUsd: usdOf(askedNanoUsd),
      limitUsd: usdOf(budget.limitNanoUsd),
      shortfallUsd: usdOf(shortfallNanoUsd),
      spent: spentNanoUsd,
      held: heldNanoUsd,
      asked: askedNanoUsd,
      limit: budget.limitNanoUsd,
      shortfall: shortfallNanoUsd,
      resetsAt,
      origin: budget.origin,
    },
    next: [
      'Lower maxOutputTokens: the worst case is what is held.',
      'Choose a cheaper model, or let the router choose with route: "cheap".',
      `Raise the limit where it is configured (${budget.origin})${resetsAt === null ? '' : `, or wait until ${resetsAt}`}.`,
    ],
  });
}
