import type { Target } from '@vibe/core';
import { commandNumber, noTarget, noUsage } from './encode.js';
import type { RateOrder } from './limiter/rate-orders.js';
import type {
  AttemptLine,
  AttemptValues,
  ChargeDefinition,
  Command,
  HoldCommand,
  SettleCommand,
  TaskName,
  UsagePairs,
} from './protocol.js';

/** Reads the flat arrays of `encode.ts` in the writer. `Charge` is what the writer makes of a definition. */
export class Decoder<Charge> {
  readonly #toCharge: (definition: ChargeDefinition) => Charge;
  #charges: Charge[] = [];
  #targets: Target[] = [];
  #values: readonly unknown[] = [];
  #position = 0;

  constructor(toCharge: (definition: ChargeDefinition) => Charge) {
    this.#toCharge = toCharge;
  }

  /** Appends the commands of one post to `commands`. */
  read(values: readonly unknown[], commands: Command<Charge>[]): void {
    this.#values = values;
    this.#position = 0;
    while (this.#position < values.length) {
      const command = this.#command();
      if (command !== null) commands.push(command);
    }
    this.#values = [];
  }

  #command(): Command<Charge> | null {
    const number = this.#next<number>();
    switch (number) {
      case commandNumber.hold:
        return this.#hold();
      case commandNumber.settle:
        return this.#settle();
      case commandNumber.extend: {
        const callId = this.#next<string>();
        const toNanoUsd = this.#next<number>();
        const flags = this.#next<number>();
        return {
          kind: 'extend',
          callId,
          toNanoUsd,
          strict: (flags & 1) !== 0,
          decide: (flags & 2) !== 0,
          charges: this.#chargeList(),
        };
      }
      case commandNumber.block: {
        const callId = this.#next<string>();
        const traceId = this.#next<string>();
        const tagsJson = this.#next<string | null>();
        return { kind: 'block', callId, traceId, tagsJson, row: this.#attempt() };
      }
      case commandNumber.barrier:
        return { kind: 'barrier', durable: this.#next<boolean>() };
      case commandNumber.rate: {
        const index = this.#next<number>();
        const length = this.#next<number>();
        const order = this.#values.slice(this.#position, this.#position + length) as RateOrder;
        this.#position += length;
        return { kind: 'rate', target: this.#targets[index] ?? null, order };
      }
      case commandNumber.task: {
        const name = this.#next<TaskName>();
        const payload = this.#next<unknown>();
        return {
          kind: 'task',
          name,
          payload: name === 'balances' ? this.#named(payload as readonly number[]) : payload,
        };
      }
      default:
        this.#definition(number);
        return null;
    }
  }

  #definition(number: number): void {
    if (number === commandNumber.defineCharge) this.#charges.push(this.#toCharge(this.#next<ChargeDefinition>()));
    else if (number === commandNumber.defineTarget) this.#targets.push(this.#next<Target>());
    else if (number === commandNumber.forget) {
      this.#charges = [];
      this.#targets = [];
    } else throw new Error(`command ${number} is unknown`);
  }

  #hold(): HoldCommand<Charge> {
    const callId = this.#next<string>();
    const amountNanoUsd = this.#next<number>();
    const flags = this.#next<number>();
    const leaseMs = this.#next<number>();
    const traceId = this.#next<string>();
    const target = this.#targets[this.#next<number>()];
    if (target === undefined) throw new Error('the target of a hold was not defined');
    return {
      kind: 'hold',
      callId,
      amountNanoUsd,
      strict: (flags & 1) !== 0,
      decide: (flags & 2) !== 0,
      watch: (flags & 4) !== 0,
      leaseMs,
      traceId,
      target,
      tagsJson: this.#next<string | null>(),
      idempotencyKey: this.#next<string | null>(),
      usage: this.#usage() ?? [],
      charges: this.#chargeList(),
    };
  }

  #settle(): SettleCommand<Charge> {
    const callId = this.#next<string>();
    const strict = this.#next<boolean>();
    const status = this.#next<string>();
    const actualNanoUsd = this.#next<number | null>();
    const traceId = this.#next<string | null>();
    const tagsJson = this.#next<string | null>();
    const downgradedFrom = this.#next<string | null>();
    const attempts: AttemptValues[] = [];
    for (let count = this.#next<number>(); count > 0; count--) attempts.push(this.#attempt());
    return {
      kind: 'settle',
      callId,
      strict,
      status,
      actualNanoUsd,
      traceId,
      tagsJson,
      downgradedFrom,
      attempts,
      idempotencyKey: this.#next<string | null>(),
      charges: this.#chargeList(),
    };
  }

  #chargeList(): readonly Charge[] {
    const charges: Charge[] = [];
    for (let count = this.#next<number>(); count > 0; count--) charges.push(this.#charge(this.#next<number>()));
    return charges;
  }

  #named(indexes: readonly number[]): readonly Charge[] {
    return indexes.map((index) => this.#charge(index));
  }

  #charge(index: number): Charge {
    const charge = this.#charges[index];
    if (charge === undefined) throw new Error(`charge ${index} was not defined`);
    return charge;
  }

  #attempt(): AttemptValues {
    const attempt = this.#next<number>();
    const ts = this.#next<number>();
    const status = this.#next<string>();
    const targetIndex = this.#next<number>();
    return {
      attempt,
      ts,
      status,
      target: targetIndex === noTarget ? null : (this.#targets[targetIndex] ?? null),
      servedModel: this.#next<string | null>(),
      requestId: this.#next<string | null>(),
      usage: this.#usage(),
      usageUnknown: this.#next<boolean>(),
      usageSource: this.#next<string | null>(),
      estimatedNanoUsd: this.#next<number | null>(),
      actualNanoUsd: this.#next<number | null>(),
      currency: this.#next<string | null>(),
      fxRate: this.#next<number | null>(),
      ttftMs: this.#next<number | null>(),
      totalMs: this.#next<number | null>(),
      waitMs: this.#next<number | null>(),
      retryMs: this.#next<number | null>(),
      errorCode: this.#next<string | null>(),
      errorMessage: this.#next<string | null>(),
      finishReason: this.#next<string | null>(),
      rawFinishReason: this.#next<string | null>(),
      httpStatus: this.#next<number | null>(),
      lines: this.#lines(),
    };
  }

  #usage(): UsagePairs | null {
    const length = this.#next<number>();
    if (length === noUsage) return null;
    const pairs = this.#values.slice(this.#position, this.#position + length) as UsagePairs;
    this.#position += length;
    return pairs;
  }

  #lines(): readonly AttemptLine[] {
    const lines: AttemptLine[] = [];
    for (let count = this.#next<number>(); count > 0; count--) {
      lines.push([this.#next<string>(), this.#next<number>(), this.#next<number>(), this.#next<string>()]);
    }
    return lines;
  }

  /** The encoder is the only author of these values, so their types need no check. */
  #next<T>(): T {
    return this.#values[this.#position++] as T;
  }
}
