import { describe, expect, it } from 'vitest';
import { attempt, dayBudget, holdRequest, settlement, target } from '../test/fixture.js';
import { Decoder } from './decode.js';
import { Encoder, type IndexedCharge } from './encode.js';
import { blockedRow } from './main/rows.js';
import type { ChargeDefinition, Command } from './protocol.js';

const charge = (id: string): IndexedCharge => ({
  budget: dayBudget({ id, warnAt: [0.5] }),
  timezone: 'UTC',
  startMs: 5,
  endMs: null,
  encoder: null,
  generation: -1,
  index: -1,
});

function pair() {
  const encoder = new Encoder();
  const decoder = new Decoder<ChargeDefinition>((definition) => definition);
  return {
    encoder,
    /** Through structured clone, as between threads. */
    read: () => {
      const commands: Command<ChargeDefinition>[] = [];
      decoder.read(structuredClone(encoder.take()), commands);
      return commands;
    },
  };
}

const namesOf = (command: Command<ChargeDefinition> | undefined) =>
  command !== undefined && 'charges' in command ? command.charges.map(({ budget }) => budget.id) : null;

describe('a command', () => {
  it('arrives in the writer as it was sent', () => {
    const { encoder, read } = pair();
    const day = charge('day');
    const request = holdRequest({ callId: 'a', idempotencyKey: 'k' });
    encoder.hold({
      request,
      tagsJson: '{"user":"alice"}',
      charges: [day, charge('user')],
      leaseMs: 7,
      decide: true,
      watch: false,
    });
    encoder.extend({ callId: 'a', toNanoUsd: 9, strict: false, decide: true, charges: [day] });
    const other = { ...target, model: 'qwen-max' };
    const records = [attempt({ target: other, usage: null, lines: [] }), attempt({ attempt: 2 })];
    encoder.settle({
      callId: 'a',
      settlement: settlement({ attempts: records }),
      strict: true,
      traceId: null,
      tagsJson: null,
      unsent: null,
      idempotencyKey: 'k',
      charges: [day],
    });
    const row = blockedRow(
      {
        callId: 'b',
        traceId: 't',
        status: 'blocked',
        errorCode: 'no_route',
        errorMessage: 'none',
        target: null,
        estimatedNanoUsd: 3,
        tags: {},
        waitMs: 1,
        totalMs: 2,
      },
      10,
    );
    encoder.block({ kind: 'block', callId: 'b', traceId: 't', tagsJson: null, row });
    encoder.barrier({ kind: 'barrier', durable: true });
    encoder.balances([day]);
    const commands = read();
    expect(commands.map(({ kind }) => kind)).toEqual(['hold', 'extend', 'settle', 'block', 'barrier', 'task']);
    const [hold, extend, settle, block, barrier, task] = commands;
    expect(hold).toMatchObject({
      callId: 'a',
      strict: true,
      decide: true,
      watch: false,
      leaseMs: 7,
      idempotencyKey: 'k',
      target,
      usage: ['input_token', 100, 'output_token', 50],
    });
    expect(namesOf(hold)).toEqual(['day', 'user']);
    expect(extend).toMatchObject({ toNanoUsd: 9, strict: false, decide: true });
    expect(settle).toMatchObject({
      strict: true,
      idempotencyKey: 'k',
      traceId: null,
      attempts: [
        { attempt: 1, target: other, usage: null, usageUnknown: true, lines: [] },
        {
          attempt: 2,
          target,
          usage: ['input_token', 90, 'output_token', 40],
          lines: [
            ['input_token', 90, 1_000_000, 'p/in'],
            ['output_token', 40, 1_500_000, 'p/out'],
          ],
          httpStatus: 200,
        },
      ],
    });
    expect(namesOf(settle)).toEqual(['day']);
    expect(block).toMatchObject({ callId: 'b', row });
    expect(barrier).toEqual({ kind: 'barrier', durable: true });
    expect(task).toMatchObject({ name: 'balances', payload: [{ budget: { id: 'day' }, startMs: 5 }] });
  });

  it('defines a charge and a target once, and again after both ends have forgotten them', () => {
    const { encoder, read } = pair();
    const day = charge('day');
    const send = (charges: readonly IndexedCharge[]) =>
      encoder.hold({ request: holdRequest(), tagsJson: null, charges, leaseMs: 1, decide: true, watch: true });
    send([day]);
    const first = structuredClone(encoder.take()).length;
    send([day]);
    expect(encoder.take().length).toBeLessThan(first);
    const { encoder: fresh, read: readFresh } = pair();
    expect(read()).toEqual([]);
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 30_000; index++) {
        fresh.hold({
          request: holdRequest(),
          tagsJson: null,
          charges: [charge(`c${index}`), day],
          leaseMs: 1,
          decide: true,
          watch: true,
        });
      }
      expect(namesOf(readFresh().at(-1))).toEqual(['c29999', 'day']);
    }
  });
});
