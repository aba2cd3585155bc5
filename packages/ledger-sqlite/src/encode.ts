import type { AttemptRecord, HoldRequest, NanoUsd, Settlement, Target, Usage } from '@vibe/core';
import type { RateOrder } from './limiter/rate-orders.js';
import type { AttemptValues, BarrierCommand, BlockCommand, ChargeDefinition, TaskCommand } from './protocol.js';
import { isUsageUnknown, roundedMs, targetText } from './row-values.js';

/**
 * Commands travel as one flat array per post: structured clone of a flat array costs a fifth of one object per command.
 * Every command begins with its number and has its fields in the order in which `decode.ts` reads them.
 */
export const commandNumber = {
  defineCharge: 1,
  defineTarget: 2,
  forget: 3,
  hold: 4,
  extend: 5,
  settle: 6,
  block: 7,
  barrier: 8,
  task: 9,
  rate: 10,
} as const;

/** Stand for a missing target and a missing usage. */
export const noTarget = -1;
export const noUsage = -1;

/** Both ends forget all definitions when there are more than this: budgets per user or run would fill the memory. */
const maxDefinitions = 65_536;

/** A charge on the main thread; remembers its index in the current writer. */
export interface IndexedCharge extends ChargeDefinition {
  encoder: Encoder | null;
  generation: number;
  index: number;
}

/** A hold as the main thread sends it; `HoldCommand` says what the flags mean. */
export interface HoldOrder {
  readonly request: HoldRequest;
  readonly tagsJson: string | null;
  readonly charges: readonly IndexedCharge[];
  readonly leaseMs: number;
  readonly decide: boolean;
  readonly watch: boolean;
}

export interface ExtendOrder {
  readonly callId: string;
  readonly toNanoUsd: NanoUsd;
  readonly strict: boolean;
  readonly decide: boolean;
  readonly charges: readonly IndexedCharge[];
}

export interface SettleOrder {
  readonly callId: string;
  readonly settlement: Settlement;
  readonly strict: boolean;
  /** Null: as the hold says. */
  readonly traceId: string | null;
  readonly tagsJson: string | null;
  /** The row of a call that ended before its first request; null when it made some. */
  readonly unsent: AttemptValues | null;
  readonly idempotencyKey: string | null;
  readonly charges: readonly IndexedCharge[];
}

/** Writes commands for one writer thread. Charges and targets are sent once and then named by index. */
export class Encoder {
  #values: unknown[] = [];
  #generation = 0;
  #chargeCount = 0;
  #targets = new Map<string, number>();
  #targetIndexes = new WeakMap<Target, number>();

  get isEmpty(): boolean {
    return this.#values.length === 0;
  }

  /** What was written since the last take. */
  take(): readonly unknown[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  hold({ request, tagsJson, charges, leaseMs, decide, watch }: HoldOrder): void {
    this.#define(charges, 1);
    const target = this.#target(request.target);
    const flags = (request.strict ? 1 : 0) | (decide ? 2 : 0) | (watch ? 4 : 0);
    const { callId, amountNanoUsd, traceId, estimatedUsage, idempotencyKey = null } = request;
    this.#values.push(commandNumber.hold, callId, amountNanoUsd, flags, leaseMs, traceId, target, tagsJson);
    this.#values.push(idempotencyKey);
    this.#usage(estimatedUsage);
    this.#charges(charges);
  }

  extend({ callId, toNanoUsd, strict, decide, charges }: ExtendOrder): void {
    this.#define(charges, 0);
    this.#values.push(commandNumber.extend, callId, toNanoUsd, (strict ? 1 : 0) | (decide ? 2 : 0));
    this.#charges(charges);
  }

  settle({ callId, settlement, strict, traceId, tagsJson, unsent, idempotencyKey, charges }: SettleOrder): void {
    const { status, actualNanoUsd, attempts, downgradedFrom } = settlement;
    this.#define(charges, attempts.length + 1);
    // Definitions travel before the command that needs them.
    for (const { target } of attempts) this.#target(target);
    if (unsent !== null) this.#target(unsent.target);
    const from = downgradedFrom === undefined ? null : targetText(downgradedFrom);
    this.#values.push(commandNumber.settle, callId, strict, status, actualNanoUsd, traceId, tagsJson, from);
    if (unsent === null) {
      this.#values.push(attempts.length);
      for (const record of attempts) this.#record(record);
    } else {
      this.#values.push(1);
      this.#attempt(unsent);
    }
    this.#values.push(idempotencyKey);
    this.#charges(charges);
  }

  block({ callId, traceId, tagsJson, row }: BlockCommand): void {
    this.#define([], 1);
    this.#target(row.target);
    this.#values.push(commandNumber.block, callId, traceId, tagsJson);
    this.#attempt(row);
  }

  barrier(command: BarrierCommand): void {
    this.#values.push(commandNumber.barrier, command.durable);
  }

  task(command: TaskCommand): void {
    this.#values.push(commandNumber.task, command.name, command.payload);
  }

  rate(target: Target | null, order: RateOrder): void {
    this.#define([], 1);
    const index = this.#target(target);
    this.#values.push(commandNumber.rate, index, order.length, ...order);
  }

  /** Asks for the balances of charges, as a task. */
  balances(charges: readonly IndexedCharge[]): void {
    this.#define(charges, 0);
    this.task({ kind: 'task', name: 'balances', payload: charges.map((charge) => charge.index) });
  }

  #charges(charges: readonly IndexedCharge[]): void {
    this.#values.push(charges.length);
    for (const charge of charges) this.#values.push(charge.index);
  }

  /** How many values follow, then unit, quantity, unit, quantity … */
  #usage(usage: Usage | null): void {
    const values = this.#values;
    if (usage === null) {
      values.push(noUsage);
      return;
    }
    const { quantities } = usage;
    const start = values.push(0);
    for (const unit in quantities) {
      const quantity = quantities[unit];
      if (quantity !== undefined) values.push(unit, quantity);
    }
    values[start - 1] = values.length - start;
  }

  /** A record as its row, without an object in between: this is the longest part of every call. */
  #record(record: AttemptRecord): void {
    const { usage, actualNanoUsd, lines } = record;
    this.#values.push(record.attempt, Math.floor(record.startedAtMs), record.status, this.#target(record.target));
    this.#values.push(record.servedModel, record.requestId);
    this.#usage(usage);
    this.#values.push(
      isUsageUnknown(usage, actualNanoUsd),
      usage === null ? null : usage.source,
      record.estimatedNanoUsd,
      actualNanoUsd,
    );
    this.#values.push(record.currency, record.fxRate, roundedMs(record.ttftMs), roundedMs(record.totalMs));
    this.#values.push(roundedMs(record.waitMs), roundedMs(record.retryMs), record.errorCode, record.errorMessage);
    this.#values.push(record.finishReason, record.rawFinishReason, record.httpStatus, lines.length);
    for (const { unit, quantity, nanoUsd, priceId } of lines) this.#values.push(unit, quantity, nanoUsd, priceId);
  }

  #attempt(row: AttemptValues): void {
    this.#values.push(row.attempt, row.ts, row.status, this.#target(row.target), row.servedModel, row.requestId);
    if (row.usage === null) this.#values.push(noUsage);
    else this.#values.push(row.usage.length, ...row.usage);
    this.#values.push(
      row.usageUnknown,
      row.usageSource,
      row.estimatedNanoUsd,
      row.actualNanoUsd,
      row.currency,
      row.fxRate,
    );
    this.#values.push(row.ttftMs, row.totalMs, row.waitMs, row.retryMs, row.errorCode, row.errorMessage);
    this.#values.push(row.finishReason, row.rawFinishReason, row.httpStatus, row.lines.length);
    for (const line of row.lines) this.#values.push(...line);
  }

  /** Sends what the writer does not know yet of a command with these charges and so many targets. */
  #define(charges: readonly IndexedCharge[], targets: number): void {
    if (this.#chargeCount + charges.length > maxDefinitions || this.#targets.size + targets > maxDefinitions)
      this.#forget();
    for (const charge of charges) {
      if (charge.encoder === this && charge.generation === this.#generation) continue;
      charge.encoder = this;
      charge.generation = this.#generation;
      charge.index = this.#chargeCount++;
      this.#values.push(commandNumber.defineCharge, definitionOf(charge));
    }
  }

  #target(target: Target | null): number {
    if (target === null) return noTarget;
    const known = this.#targetIndexes.get(target);
    if (known !== undefined) return known;
    const { provider, profile, endpoint, region, model } = target;
    const key = JSON.stringify([provider, profile, endpoint, region, model]);
    let index = this.#targets.get(key);
    if (index === undefined) {
      index = this.#targets.size;
      this.#targets.set(key, index);
      this.#values.push(commandNumber.defineTarget, { provider, profile, endpoint, region, model } satisfies Target);
    }
    this.#targetIndexes.set(target, index);
    return index;
  }

  #forget(): void {
    this.#generation += 1;
    this.#chargeCount = 0;
    this.#targets = new Map();
    this.#targetIndexes = new WeakMap();
    this.#values.push(commandNumber.forget);
  }
}

/** Only what the writer needs: a caller's own fields may not survive structured clone. */
function definitionOf({ budget, timezone, startMs, endMs }: IndexedCharge): ChargeDefinition {
  const { id, scope, window, limitNanoUsd, mode, warnAt, shadow, origin } = budget;
  return {
    budget: { id, scope, window, timezone: budget.timezone, limitNanoUsd, mode, warnAt: [...warnAt], shadow, origin },
    timezone,
    startMs,
    endMs,
  };
}
