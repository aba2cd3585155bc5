import type { ResolvedBudget } from '@vibe/core';
import type { ChargeDefinition } from '../protocol.js';
import type { Total } from './totals.js';

/** A budget window as the writer knows it. What it remembers of the file is only valid for one epoch or one batch. */
export class Charge {
  readonly budget: ResolvedBudget;
  readonly startMs: number;
  readonly endMs: number | null;
  /** '' for windows that never reset: they are the same in every zone. */
  readonly timezone: string;
  /** Money counted together has the same identity, whatever the limit. */
  readonly identity: string;
  /** Whether the window has a total. A `call` budget bounds each call by itself. */
  readonly counted: boolean;
  /** Whether a hold may cross something that has to be told. */
  readonly watches: boolean;

  /** Set in `epoch`. */
  budgetId: number | null = null;
  epoch: object | null = null;
  /** Set in `batch`. */
  total: Total | null = null;
  batch: object | null = null;

  constructor({ budget, timezone, startMs, endMs }: ChargeDefinition) {
    this.budget = budget;
    this.startMs = startMs;
    this.endMs = endMs;
    this.timezone = endMs === null ? '' : timezone;
    this.identity = JSON.stringify([budget.scope, budget.window, this.timezone]);
    this.counted = budget.window !== 'call';
    this.watches = budget.shadow || budget.warnAt.length > 0;
  }
}
