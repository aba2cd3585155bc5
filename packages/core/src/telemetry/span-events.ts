import type { EventHub } from '../flow/event-hub.js';
import { usdOf } from '../money/nano-usd.js';
import { describeTarget } from '../policies/target-key.js';
import type { CallTrace } from './call-trace.js';
import { type AttributeNames, eventNames } from './names.js';

/** What happens in a call between its attempts becomes an event on its span. Reasons are codes: texts may quote requests and tags. */
export function observeCalls(
  events: EventHub,
  names: AttributeNames,
  traceOf: (callId: string) => CallTrace | undefined,
): void {
  events.observe('hold', ({ callId, target, amountNanoUsd, budgets, strict }) => {
    const trace = traceOf(callId);
    trace?.held(amountNanoUsd);
    trace?.event(eventNames.hold, () => ({
      [names.target]: describeTarget(target),
      [names.held]: usdOf(amountNanoUsd),
      [names.budgets]: [...budgets],
      [names.strict]: strict,
    }));
  });
  events.observe('extend', ({ callId, target, toNanoUsd }) => {
    const trace = traceOf(callId);
    trace?.held(toNanoUsd);
    trace?.event(eventNames.extend, () => ({
      [names.target]: describeTarget(target),
      [names.held]: usdOf(toNanoUsd),
    }));
  });
  events.observe('wait', ({ callId, target, waitMs, place }) =>
    traceOf(callId)?.event(eventNames.wait, () => ({
      [names.target]: describeTarget(target),
      [names.limiterWait]: waitMs / 1000,
      [names.place]: place,
    })),
  );
  events.observe('retry', ({ callId, target, attempt, delayMs, reason }) =>
    traceOf(callId)?.event(eventNames.retry, () => ({
      [names.target]: describeTarget(target),
      [names.attempt]: attempt,
      [names.retryWait]: delayMs / 1000,
      [names.reason]: reason,
    })),
  );
  events.observe('failover', ({ callId, from, to, reason }) =>
    traceOf(callId)?.event(eventNames.failover, () => ({
      [names.from]: describeTarget(from),
      [names.to]: describeTarget(to),
      [names.reason]: reason,
    })),
  );
  events.observe('downgrade', ({ callId, from, to }) =>
    traceOf(callId)?.event(eventNames.downgrade, () => ({
      [names.from]: describeTarget(from),
      [names.to]: describeTarget(to),
    })),
  );
  events.observe('warning', ({ callId, warning }) => {
    if (callId !== null) traceOf(callId)?.event(eventNames.warning, () => ({ [names.reason]: warning.code }));
  });
}
