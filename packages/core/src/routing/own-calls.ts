import { outputNanoUsdOf } from '../estimate/candidate-cost.js';
import type { EventHub } from '../flow/event-hub.js';
import type { Candidate } from '../flow/live-call.js';
import { TransitMap } from '../flow/transit-map.js';
import { AnswerLengths } from '../policies/answer-lengths.js';
import { targetKey } from '../policies/target-key.js';
import { isNoFaultOfTarget, outputTokensOf } from '../policies/target-sample.js';
import type { AttemptRecord } from '../spec/response.js';
import type { OwnSample } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import { expectedCosts } from './expected-cost.js';
import { OwnTarget } from './own-target.js';

/** More calls than a process has under way. Beyond them all are forgotten: some must have ended without a word. */
const maxCalls = 100_000;
/** Bounds the map: more targets than a process ever has in use. */
const maxTargets = 10_000;

/** A call under way. */
interface Begun {
  readonly shape: string;
  readonly considered: readonly Candidate[];
  /** Where it is on its way to; null once that has answered or failed. */
  first: OwnTarget | null;
}

/** What this process has just seen of each target: known as soon as an attempt ends, without a question to the ledger. */
export class OwnCalls {
  readonly #now: () => number;
  readonly #targets = new Map<string, OwnTarget>();
  readonly #calls = new TransitMap<Begun>();
  readonly #lengths = new AnswerLengths();

  constructor(events: EventHub, now: () => number) {
    this.#now = now;
    events.observe('attempt', ({ callId, record }) => this.#ended(callId, record));
    events.observe('failover', ({ callId, from, to, reason }) => {
      if (reason === 'rate_limited' || reason === 'provider_rate_limited') this.#missed(callId, from, to);
    });
    events.observe('settle', ({ callId }) => this.#forget(callId));
    events.observe('blocked', ({ callId }) => this.#forget(callId));
    // What had opened a circuit is not held against it when it closes again.
    events.observe('breaker', ({ target, to }) => {
      if (to === 'open') this.#targets.get(targetKey(target))?.forgive();
    });
  }

  /** By `targetKey`; null: this process has made no call to it. */
  of(key: string, nowMs: number): OwnSample | null {
    return this.#targets.get(key)?.sample(nowMs) ?? null;
  }

  /** How much of the expected output calls of a shape really use; null: none has been answered. */
  outputShare(shape: string): number | null {
    return this.#lengths.shareOf(shape);
  }

  /** A call leaves for the first of its candidates. */
  begin(callId: string, shape: string, considered: readonly Candidate[], firstKey: string): void {
    if (this.#calls.size >= maxCalls) this.#forgetAll();
    const first = this.#targetOf(firstKey);
    first.leaves();
    this.#calls.set(callId, { shape, considered, first });
  }

  #ended(callId: string, record: AttemptRecord): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) arrived(call);
    if (record.status === 'cancelled' || (record.status === 'failed' && isNoFaultOfTarget(record.errorCode))) return;
    const target = this.#targetOf(targetKey(record.target));
    const nowMs = this.#now();
    target.ended(record.status === 'ok', nowMs);
    if (record.status !== 'ok') return;
    const outputTokens = record.usage === null ? null : outputTokensOf(record.usage.quantities);
    target.answered({ atMs: nowMs, ttftMs: record.ttftMs, totalMs: record.totalMs, outputTokens: outputTokens ?? 0 });
    const candidate = call?.considered.find((each) => each.target === record.target);
    if (call === undefined || candidate === undefined || record.usage?.unknown !== false) return;
    this.#learnCost(call.shape, target, candidate, record, outputTokens);
  }

  /** What the estimate of this very call was worth. */
  #learnCost(
    shape: string,
    target: OwnTarget,
    { option: { cost } }: Candidate,
    { actualNanoUsd, lines }: AttemptRecord,
    outputTokens: number | null,
  ): void {
    const expectedTokens = outputTokensOf(cost.estimatedUsage.quantities);
    if (outputTokens !== null && expectedTokens !== null && expectedTokens > 0)
      this.#lengths.learn(shape, target.verbosity, expectedTokens, outputTokens);
    if (actualNanoUsd === null || cost.estimatedNanoUsd === null) return;
    const expectedInput = cost.estimatedNanoUsd - (cost.estimatedOutputNanoUsd ?? 0);
    if (expectedInput > 0) target.paidForInput((actualNanoUsd - outputNanoUsdOf(lines)) / expectedInput);
  }

  /** A call found no room at one target and goes on to another. */
  #missed(callId: string, from: Target, to: Target): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    const options = call.considered.map(({ option }) => option);
    const costs = expectedCosts(options, this.outputShare(call.shape));
    const costAt = (target: Target) => costs[options.findIndex((option) => option.target === target)] ?? null;
    const [least, next] = [costAt(from), costAt(to)];
    if (least !== null && next !== null) this.#targetOf(targetKey(from)).missed(next - least, this.#now());
  }

  #forget(callId: string): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    arrived(call);
    this.#calls.delete(callId);
  }

  #forgetAll(): void {
    for (const call of this.#calls.values()) arrived(call);
    this.#calls.clear();
  }

  #targetOf(key: string): OwnTarget {
    let target = this.#targets.get(key);
    if (target === undefined) {
      if (this.#targets.size >= maxTargets) this.#targets.clear();
      target = new OwnTarget();
      this.#targets.set(key, target);
    }
    return target;
  }
}

function arrived(call: Begun): void {
  call.first?.arrives();
  call.first = null;
}
