import { VibeError } from '../errors/vibe-error.js';
import { usdOf } from '../money/nano-usd.js';
import type { ProviderResult, StreamEvent } from '../spec/event.js';
import type { Handler } from '../spec/middleware.js';
import type { Cost } from '../spec/money.js';
import type { GenerationResponse, ProviderMeta } from '../spec/response.js';
import { abortError } from './abort.js';
import type { Answer } from './answer.js';
import { Cancellation } from './cancellation.js';
import { type Outcome, outcomeOf } from './endings.js';
import { type ChainHandler, handedOn, isAsEntered, type LiveCall, newCallState } from './live-call.js';
import { textOf } from './merge-content.js';
import { timingOf, totalLines, totalNanoUsd, totalUsage } from './settlement.js';
import { uuidV7 } from './uuid-v7.js';

/** The outer edge of the chain: the provider's result becomes the caller's response. */
export function respond(chain: ChainHandler<LiveCall>, now: () => number): Handler<LiveCall> {
  return (entered) => {
    const call = isAsEntered(entered) ? entered : fromMiddleware(entered, now());
    call.state.entered = true;
    return new CallEvents(call, chain, now);
  };
}

/**
 * What comes through middleware has a cancellation of its own: middleware may put another signal in the place of the call's,
 * and of several entries that it races it leaves the losers. What ends the call ends it all the same. It may be a copy, a
 * derived object or a proxy, so its fields are read one by one.
 */
function fromMiddleware(entered: LiveCall, nowMs: number): LiveCall {
  const cancellation = new Cancellation();
  const call = handedOn(entered, { cancellation, ...(entered.state.entered && repetition(entered, nowMs)) });
  if (entered.state.entered) entered.state.repeatedAs = call;
  const { cancellation: whole, signal } = entered;
  call.state.endings.push(cancellation.follow(whole));
  if (signal !== whole.signal) call.state.endings.push(cancellation.follow(signal));
  return call;
}

/** Middleware may call `next` again to repeat a call: every entry is a call of its own, with its own hold and row. */
function repetition({ state }: LiveCall, nowMs: number) {
  return { id: uuidV7(nowMs), startedAtMs: nowMs, state: { ...newCallState(), draining: state.draining } };
}

/** The events of one call: one by one for middleware, in batches for whoever knows of `nextBatch`. */
export class CallEvents implements AsyncIterableIterator<StreamEvent> {
  readonly #call: LiveCall;
  readonly #chain: ChainHandler<LiveCall>;
  readonly #now: () => number;
  #opening: Promise<Answer> | null = null;
  #answer: Answer | null = null;
  #waiting: StreamEvent[] = [];
  #isOver = false;
  #leaving: Promise<void> | null = null;

  constructor(call: LiveCall, chain: ChainHandler<LiveCall>, now: () => number) {
    this.#call = call;
    this.#chain = chain;
    this.#now = now;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** It has ended or is being left. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Undefined when the answer is over. */
  async nextBatch(): Promise<readonly StreamEvent[] | undefined> {
    if (this.#isOver) return undefined;
    try {
      this.#answer ??= await this.#open();
      const events = await this.#answer.next();
      const last = events[events.length - 1];
      if (last?.type !== 'final') return events as readonly StreamEvent[];
      this.#isOver = true;
      this.#call.state.complete = true;
      const response = responseOf(this.#call, last.result, this.#now());
      return [...(events.slice(0, -1) as StreamEvent[]), { type: 'final', response }];
    } catch (thrown) {
      this.#isOver = true;
      throw describeCall(VibeError.from(thrown), this.#call);
    }
  }

  async next(): Promise<IteratorResult<StreamEvent>> {
    if (this.#waiting.length === 0) this.#waiting = [...((await this.nextBatch()) ?? [])];
    const value = this.#waiting.shift();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  /** Leaves the answer; resolves when the call has been settled. */
  async return(): Promise<IteratorResult<StreamEvent>> {
    if (!this.#isOver) this.#leaving = this.#leave();
    await this.#leaving;
    return { done: true, value: undefined };
  }

  async #leave(): Promise<void> {
    const { cancellation } = this.#call;
    const why = whyLeft(cancellation);
    this.#isOver = true;
    this.#waiting = [];
    // What has not begun hears of it only so.
    cancellation.abort(new VibeError('cancelled', 'Nobody wants this answer any more.'));
    // Nobody has asked for its first event: there is no chain that would give back what it took.
    if (this.#opening === null) await this.#call.state.endings.unwind(0, why);
    // One that never begins has ended by its own failure.
    const answer = await this.#opening?.catch(() => null);
    await answer?.leave(why);
  }

  #open(): Promise<Answer> {
    this.#opening ??= this.#chain(this.#call).catch(async (thrown: unknown) => {
      const error = VibeError.from(thrown);
      await this.#call.state.endings.unwind(0, outcomeOf(error));
      throw error;
    });
    return this.#opening;
  }
}

/** What has ended the call while nobody waited for its next event (a timeout) is its ending; otherwise it was left. */
function whyLeft(cancellation: Cancellation): Outcome {
  if (!cancellation.aborted) return { status: 'cancelled' };
  const outcome = outcomeOf(abortError(cancellation));
  return outcome.status === 'error' ? { ...outcome, unread: true } : outcome;
}

/** The response of a call that has ended; `result` null when it was cancelled before its end. */
export function responseOf(call: LiveCall, result: ProviderResult | null, nowMs: number): GenerationResponse {
  const { state } = call;
  const content = result?.content ?? [...state.content];
  const cancelled = result === null || state.draining;
  return {
    id: call.id,
    traceId: call.traceId,
    status: cancelled ? 'cancelled' : 'ok',
    content,
    text: textOf(content),
    object: state.object,
    finishReason: cancelled ? 'cancelled' : result.finishReason,
    rawFinishReason: result?.rawFinishReason ?? null,
    usage: totalUsage(state.attempts),
    providerMeta: providerMetaOf(call, result),
    timing: timingOf(call, nowMs),
    cost: costOf(call),
    attempts: [...state.attempts],
    downgradedFrom: state.downgradedFrom,
    warnings: [...state.warnings, ...(result?.warnings ?? [])],
    plan: null,
  };
}

/** What an ended call has cost. */
export function costOf({ state }: LiveCall): Cost {
  const actualNanoUsd = totalNanoUsd(state.attempts);
  return {
    estimatedUsd: state.estimatedNanoUsd === null ? null : usdOf(state.estimatedNanoUsd),
    actualUsd: actualNanoUsd === null ? null : usdOf(actualNanoUsd),
    actualNanoUsd,
    lines: totalLines(state.attempts),
  };
}

/** An error that leaves the chain knows its call, and what was spent all the same. */
export function describeCall(error: VibeError, call: LiveCall): VibeError {
  error.callId = call.id;
  error.attempts = [...call.state.attempts];
  error.usage = totalUsage(call.state.attempts);
  error.cost = costOf(call);
  const last = call.state.attempts.at(-1);
  error.target ??= last?.target ?? call.state.target ?? undefined;
  return error;
}

function providerMetaOf({ state }: LiveCall, result: ProviderResult | null): ProviderMeta {
  const last = state.attempts.at(-1);
  const target = last?.target ?? state.target ?? nobody;
  const { provider, profile, endpoint, region, model } = target;
  return {
    provider,
    profile,
    endpoint,
    region,
    model,
    servedModel: result?.servedModel ?? last?.servedModel ?? null,
    requestId: result?.requestId ?? last?.requestId ?? null,
  };
}

/** A call that ended before anybody was chosen. */
const nobody = { provider: '(none)', profile: '(none)', endpoint: '(none)', region: '(none)', model: '(none)' };
