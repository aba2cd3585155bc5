import type { Hold, HoldRequest } from '@vibe/core';
import { errorOf, queueFullError } from './failures.js';
import { type CallParts, deniedError, holdCommand, openCallOf, recordedHold } from './holds.js';

/** How long a strict call waits for room in a full queue. */
const maxQueueWaitMs = 30_000;

/** The hold is judged by the writer over all processes, and durable when the promise resolves. */
export function strictHold(parts: CallParts, request: HoldRequest): Promise<Hold> {
  return parts.file.timezone !== null && parts.queue.hasRoom ? post(parts, request) : postWhenReady(parts, request);
}

async function postWhenReady(parts: CallParts, request: HoldRequest): Promise<Hold> {
  const { queue, file } = parts;
  if (file.timezone === null) await file.open();
  if (!queue.hasRoom) {
    parts.counters.queueFull += 1;
    if (!(await queue.room(maxQueueWaitMs))) throw queueFullError(parts.path, maxQueueWaitMs);
  }
  return post(parts, request);
}

function post(parts: CallParts, request: HoldRequest): Promise<Hold> {
  const { queue, view, calls } = parts;
  const { callId, amountNanoUsd } = request;
  return new Promise((resolve, reject) => {
    const charges = parts.charges.chargesOf(request.budgets, parts.file.likelyTimezone, parts.now());
    const repeated = calls.has(callId);
    if (!repeated) view.add(charges, 0, amountNanoUsd);
    const undo = () => {
      if (!repeated) view.add(charges, 0, -amountNanoUsd);
    };
    queue.hold(holdCommand(parts, request, charges, { decide: true, watch: true }), {
      failed: (error) => {
        undo();
        // It may have been recorded all the same. Nothing will be sent for it, so it must not stay held for ever.
        queue.task('abandon', [callId]).catch(() => undefined);
        reject(error);
      },
      done: (outcome) => {
        if (outcome?.kind === 'denied' || outcome?.kind === 'failed') {
          undo();
          return reject(outcome.kind === 'denied' ? deniedError(charges, outcome) : errorOf(outcome.failure));
        }
        if (!repeated) calls.set(callId, openCallOf(request, charges));
        const hold = recordedHold(request, charges, outcome);
        view.told(hold.crossings, charges);
        resolve(hold);
      },
    });
  });
}
