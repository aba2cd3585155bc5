import type { Target } from '@vibe/core';
import type {
  AttemptValues,
  BarrierCommand,
  BlockCommand,
  ChargeDefinition,
  ExtendCommand,
  HoldCommand,
  SettleCommand,
  TaskCommand,
} from './protocol.js';

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
} as const;

/** Stands for a missing target. */
export const noTarget = -1;

/** Both ends forget all definitions when there are more than this: budgets per user or run would fill the memory. */
const maxDefinitions = 65_536;

/** A charge on the main thread; remembers its index in the current writer. */
export interface IndexedCharge extends ChargeDefinition {
  encoder: Encoder | null;
  generation: number;
  index: number;
}

/** Writes commands for one writer thread. Charges and targets are sent once and then named by index. */
export class Encoder {
  #values: unknown[] = [];
  #generation = 0;
  #charges = 0;
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

  hold(command: HoldCommand<IndexedCharge>): void {
    this.#define(command.charges, 1);
    const target = this.#target(command.target);
    const flags = (command.strict ? 1 : 0) | (command.decide ? 2 : 0) | (command.watch ? 4 : 0);
    const { callId, amountNanoUsd, leaseMs, traceId, tagsJson, usageJson, idempotencyKey, charges } = command;
    this.#values.push(commandNumber.hold, callId, amountNanoUsd, flags, leaseMs, traceId, target, tagsJson, usageJson, idempotencyKey);
    this.#pushCharges(charges);
  }

  extend(command: ExtendCommand<IndexedCharge>): void {
    this.#define(command.charges, 0);
    const flags = (command.strict ? 1 : 0) | (command.decide ? 2 : 0);
    this.#values.push(commandNumber.extend, command.callId, command.toNanoUsd, flags);
    this.#pushCharges(command.charges);
  }

  settle(command: SettleCommand<IndexedCharge>): void {
    this.#define(command.charges, command.attempts.length);
    const targets = command.attempts.map((attempt) => this.#target(attempt.target));
    const { callId, strict, status, actualNanoUsd, traceId, tagsJson, downgradedFrom, attempts, charges } = command;
    this.#values.push(commandNumber.settle, callId, strict, status, actualNanoUsd, traceId, tagsJson, downgradedFrom, attempts.length);
    for (let index = 0; index < attempts.length; index++) {
      this.#attempt(attempts[index] as AttemptValues, targets[index] as number);
    }
    this.#pushCharges(charges);
  }

  block(command: BlockCommand): void {
    this.#define([], 1);
    const target = this.#target(command.row.target);
    this.#values.push(commandNumber.block, command.callId, command.traceId, command.tagsJson);
    this.#attempt(command.row, target);
  }

  barrier(command: BarrierCommand): void {
    this.#values.push(commandNumber.barrier, command.durable);
  }

  task(command: TaskCommand): void {
    this.#values.push(commandNumber.task, command.name, command.payload);
  }

  /** Asks for the balances of charges, as a task. */
  balances(charges: readonly IndexedCharge[]): void {
    this.#define(charges, 0);
    this.task({ kind: 'task', name: 'balances', payload: charges.map((charge) => charge.index) });
  }

  #pushCharges(charges: readonly IndexedCharge[]): void {
    this.#values.push(charges.length);
    for (const charge of charges) this.#values.push(charge.index);
  }

  #attempt(row: AttemptValues, target: number): void {
    this.#values.push(
      row.attempt,
      row.ts,
      row.status,
      target,
      row.servedModel,
      row.requestId,
      row.usageJson,
      row.usageUnknown,
      row.usageSource,
      row.estimatedNanoUsd,
      row.actualNanoUsd,
      row.currency,
      row.fxRate,
      row.ttftMs,
      row.totalMs,
      row.waitMs,
      row.retryMs,
      row.errorCode,
      row.errorMessage,
      row.finishReason,
      row.rawFinishReason,
      row.httpStatus,
      row.lines.length,
    );
    for (const [unit, quantity, nanoUsd, priceId] of row.lines) this.#values.push(unit, quantity, nanoUsd, priceId);
  }

  /** Sends what the writer does not know yet of a command with these charges and so many targets. */
  #define(charges: readonly IndexedCharge[], targets: number): void {
    if (this.#charges + charges.length > maxDefinitions || this.#targets.size + targets > maxDefinitions) this.#forget();
    for (const charge of charges) {
      if (charge.encoder === this && charge.generation === this.#generation) continue;
      charge.encoder = this;
      charge.generation = this.#generation;
      charge.index = this.#charges++;
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
    this.#charges = 0;
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
