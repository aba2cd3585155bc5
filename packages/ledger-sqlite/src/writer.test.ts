import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dayBudget, holdRequest, target, temporaryFolder, usd, writerUrl } from '../test/fixture.js';
import { Encoder, type IndexedCharge } from './encode.js';
import { blockedRow } from './main/rows.js';
import type { FromWriter, WorkerSettings } from './protocol.js';

/** The thread alone, spoken to as the main side does. */
function startWriter() {
  const path = join(temporaryFolder(), 'ledger.db');
  const settings: WorkerSettings = { path, timezone: 'UTC', owner: 'test', lazyDelayMs: 3_600_000 };
  const worker = new Worker(writerUrl, { workerData: settings, execArgv: [] });
  onTestFinished(async () => void (await worker.terminate()));
  const encoder = new Encoder();
  return {
    encoder,
    worker,
    answer: async (): Promise<FromWriter> => {
      const answered = once(worker, 'message') as Promise<[FromWriter]>;
      worker.postMessage(encoder.take());
      return (await answered)[0];
    },
  };
}

const charge: IndexedCharge = {
  budget: dayBudget(),
  timezone: 'UTC',
  startMs: 0,
  endMs: null,
  encoder: null,
  generation: -1,
  index: -1,
};

function hold(encoder: Encoder, amountNanoUsd: number): void {
  const request = holdRequest({ amountNanoUsd });
  encoder.hold({ request, tagsJson: null, charges: [charge], leaseMs: 60_000, decide: true, watch: true });
}

function block(encoder: Encoder, callId: string): void {
  const blocked = { callId, traceId: 't', status: 'blocked', errorCode: 'no_route', errorMessage: '', target } as const;
  const row = blockedRow({ ...blocked, estimatedNanoUsd: null, tags: {}, waitMs: 0, totalMs: 0 }, 0);
  encoder.block({ kind: 'block', callId, traceId: 't', tagsJson: null, row });
}

describe('the writer', () => {
  it('answers every command once, in order, with only what there is to say', async () => {
    const { encoder, answer } = startWriter();
    hold(encoder, usd);
    hold(encoder, 1);
    hold(encoder, 0);
    expect(await answer()).toMatchObject({
      done: 3,
      outcomes: [[1, { kind: 'denied', refusal: { at: 0 } }]],
      blocks: 0,
    });
  });

  it('lets rows of blocked calls ride on the next batch that writes, and counts each once', async () => {
    const { encoder, answer } = startWriter();
    block(encoder, 'a');
    hold(encoder, 2 * usd);
    expect(await answer()).toMatchObject({ done: 1, blocks: 0 });
    block(encoder, 'b');
    hold(encoder, 1);
    expect(await answer()).toMatchObject({ done: 1, blocks: 2 });
    hold(encoder, 1);
    expect(await answer()).toMatchObject({ done: 1, blocks: 0 });
  });

  it('writes what waits when it is closed, and ends', async () => {
    const { encoder, worker } = startWriter();
    block(encoder, 'a');
    const answered = once(worker, 'message') as Promise<[FromWriter]>;
    const ended = once(worker, 'exit');
    worker.postMessage(encoder.take());
    worker.postMessage('close');
    expect(await answered).toMatchObject([{ done: 0, blocks: 1, blocksFailed: null }]);
    expect(await ended).toEqual([0]);
  });
});
