import { VibeError } from '../errors/vibe-error.js';
import { usdOf } from '../money/nano-usd.js';
import type { ProviderResult, StreamEvent } from '../spec/event.js';
import type { Handler } from '../spec/middleware.js';
import type { Cost } from '../spec/money.js';
import type { GenerationResponse, ProviderMeta } from '../spec/response.js';
import { type ChainHandler, type LiveCall, newCallState } from './live-call.js';
import { textOf } from './merge-content.js';
import { timingOf, totalLines, totalNanoUsd, totalUsage } from './settlement.js';
import { uuidV7 } from './uuid-v7.js';

/** The outer edge of the chain: the provider's result becomes the caller's response. */
export function respond(chain: ChainHandler<LiveCall>, now: () => number): Handler<LiveCall> {
  return async function* (entered) {
    // Middleware may call `next` again to repeat a call: every entry is a call of its own, with its own hold and row.
    const call = entered.state.entered
      ? { ...entered, id: uuidV7(now()), startedAtMs: now(), state: newCallState() }
      : entered;
    call.state.entered = true;
    try {
      for await (const event of chain(call)) {
        if (event.type === 'final')
          yield { type: 'final', response: responseOf(call, event.result, now()) } satisfies StreamEvent;
        else if (event.type !== 'usage') yield event;
      }
    } catch (thrown) {
      throw describeCall(VibeError.from(thrown), call);
    }
  };
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
  return {
    ...target,
    servedModel: result?.servedModel ?? last?.servedModel ?? null,
    requestId: result?.requestId ?? last?.requestId ?? null,
  };
}

/** A call that ended before anybody was chosen. */
const nobody = { provider: '(none)', profile: '(none)', endpoint: '(none)', region: '(none)', model: '(none)' };
