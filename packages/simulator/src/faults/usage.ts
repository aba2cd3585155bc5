import type { Reply, Step } from '../http/reply.js';
import type { JsonObject } from '../json.js';
import type { FaultEffect } from './fault.js';

/** No usage anywhere: the field is gone, and so is the event that only carried it. */
export const missingUsage: FaultEffect<'missingUsage'> = (reply, _fault, { wire }) => {
  const steps = reply.steps.filter((step) => step.do !== 'event' || step.role !== 'usage');
  return mapData({ ...reply, steps }, (data) => without(data, wire.usageKey));
};

/** The usage after the finish reason, in an event of its own. */
export const usageAfterFinish: FaultEffect<'usageAfterFinish'> = (reply, _fault, { wire }) => ({
  ...reply,
  steps: wire.usageAfterFinish(reply.steps),
});

/** The finish reason already on the delta before the finish. */
export const twoFinish: FaultEffect<'twoFinish'> = (reply, _fault, { wire }) => {
  const lastDelta = reply.steps.findLastIndex((step) => step.do === 'event' && step.role === 'delta');
  const finish = reply.steps.find((step) => step.do === 'event' && step.role === 'finish');
  if (finish?.do !== 'event') return reply;
  const mark = (step: Step, index: number) =>
    index === lastDelta && step.do === 'event' ? wire.withFinish(step, finish) : step;
  return { ...reply, steps: reply.steps.map(mark) };
};

/** Another model under the answer. */
export const servedModel: FaultEffect<'servedModel'> = (reply, fault, { wire }) =>
  mapData(reply, (data) => (wire.modelKey in data ? { ...data, [wire.modelKey]: fault.model } : data));

function mapData(reply: Reply, change: (data: JsonObject) => JsonObject): Reply {
  if (!reply.paced) return reply;
  const changed = (step: Step): Step => {
    if (step.do === 'body') return { ...step, data: change(step.data) };
    return step.do === 'event' && typeof step.data !== 'string' ? { ...step, data: change(step.data) } : step;
  };
  return { ...reply, steps: reply.steps.map(changed) };
}

function without(data: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = data;
  return rest;
}
