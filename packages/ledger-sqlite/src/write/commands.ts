import { LedgerFailure } from '../database/failure.js';
import type { Command, OpenedFile, Outcome, WriterTasks } from '../protocol.js';
import { adminWriter } from './admin.js';
import type { Books } from './books.js';
import type { Charge } from './charge.js';
import { extendWriter } from './extend.js';
import { claimWriter, healthWriter, releaseWriter } from './health.js';
import { holdWriter, keyChecker } from './hold.js';
import { rebuild } from './rebuild.js';
import { settleWriter } from './settle.js';

/** Runs single commands inside the transaction of the caller. Throws what the file throws; refusals are outcomes. */
export interface Commands {
  run(command: Command<Charge>, nowMs: number): Outcome;
}

export function commandsOf(books: Books, owner: string, opened: OpenedFile): Commands {
  const hold = holdWriter(books, owner);
  const checkKey = keyChecker(books);
  const extend = extendWriter(books);
  const settle = settleWriter(books);
  const admin = adminWriter(books);
  const health = healthWriter(books);
  const claimProbe = claimWriter(books);
  const releaseProbe = releaseWriter(books);

  const tasks: { readonly [Name in keyof WriterTasks]: (payload: unknown, nowMs: number) => unknown } = {
    open: () => opened,
    balances: (payload) => balances(books, payload as readonly Charge[]),
    health: (payload, nowMs) => health(payload as WriterTasks['health']['payload'], nowMs),
    claimProbe: (payload, nowMs) => claimProbe(payload as WriterTasks['claimProbe']['payload'], nowMs),
    releaseProbe: (payload) => releaseProbe(payload as WriterTasks['releaseProbe']['payload']),
    checkKey: (payload) => checkKey(payload as WriterTasks['checkKey']['payload']),
    abandon: (payload) => abandon(books, payload as readonly string[]),
    resolve: (payload, nowMs) => admin.resolve(payload as WriterTasks['resolve']['payload'], nowMs),
    correct: (payload, nowMs) => admin.correct(payload as WriterTasks['correct']['payload'], nowMs),
    rebuild: (_payload, nowMs) => rebuild(books, nowMs),
  };

  const apply = (command: Command<Charge>, nowMs: number): Outcome => {
    switch (command.kind) {
      case 'hold':
        return hold(command, nowMs);
      case 'extend':
        return extend(command, nowMs);
      case 'settle':
        return settle(command, nowMs);
      case 'block': {
        const { callId, traceId, tagsJson, row } = command;
        books.attempts.add(row, { callId, traceId, tagsJson, downgradedFrom: null, chargedNanoUsd: 0, last: true });
        return null;
      }
      case 'barrier':
        return null;
      case 'rate':
        return books.rates.run(command, nowMs);
      case 'task':
        return { kind: 'value', value: tasks[command.name](command.payload, nowMs) };
    }
  };

  return {
    run(command, nowMs) {
      try {
        return apply(command, nowMs);
      } catch (error) {
        // Refused before anything was written: the others of the batch go on.
        if (error instanceof LedgerFailure) return { kind: 'failed', failure: error.failure };
        throw error;
      }
    },
  };
}

function abandon(books: Books, callIds: readonly string[]): null {
  const disown = books.db.prepare("UPDATE hold SET owner = '', strict = 0 WHERE call_id = ?");
  for (const callId of callIds) if (disown.run(callId).changes > 0) books.touched = true;
  return null;
}

/** spent, held and warned of each charge, one after the other. */
function balances({ totals }: Books, charges: readonly Charge[]): readonly number[] {
  const values: number[] = [];
  for (const charge of charges) {
    const { spentNanoUsd, heldNanoUsd, warnedUpTo } = totals.balance(charge);
    values.push(spentNanoUsd, heldNanoUsd, warnedUpTo);
  }
  return values;
}
