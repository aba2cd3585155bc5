import type { Pricing } from '@vibe/core';
import { type RerateResult, type Rerating, rerate as rerated } from '@vibe/pricing-registry';
import { fileOf, withFileBooks } from '../books.js';
import { type Period, type PeriodFlags, periodOf } from '../budget/period.js';
import { loadSessionConfig } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { exactUsd, usd } from '../output/money.js';
import { count } from '../output/numbers.js';
import { print } from '../output/print.js';
import { progress } from '../output/progress.js';
import { tableLines } from '../output/table-text.js';
import { dateRange, moment } from '../output/time.js';
import { canAsk, saysYes } from '../prices/confirm.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

export interface RerateFlags extends PeriodFlags {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly skipCorrected?: boolean;
}

/** Of many calls the ones that change most are shown; all of them are in --json and in what is piped. */
const maxShown = 20;

/** `llm ledger rerate`: what calls would have cost by the prices of today's list, and after a yes as corrections. */
export async function rerate(session: Session, flags: RerateFlags): Promise<number> {
  const { period, timezone } = await periodOfLedger(session, flags);
  const path = fileOf(session, await loadSessionConfig(session));
  return withPlugins(session, async ({ parts }) => {
    const pricing = pricingOf(parts.filter((part) => part.kind === 'pricing'));
    const { administerLedgerFile } = await import('@vibe/ledger-sqlite/file');
    const ledger = administerLedgerFile(path, session.world.now);
    const shown = progress(session);
    try {
      const calls = async (query: Parameters<NonNullable<typeof ledger.calls>>[0]) => {
        session.world.signal.throwIfAborted();
        return (await ledger.calls?.(query)) ?? [];
      };
      shown.say('pricing every call again');
      const found = await rerated({ calls, correct: ledger.correct }, pricing, { ...period, reason: '' });
      shown.stop();
      const changed = found.changed.filter((each) => flags.skipCorrected !== true || !isCorrected(each));
      const result = {
        ...found,
        changed: [...changed].sort((a, b) => Math.abs(b.deltaNanoUsd) - Math.abs(a.deltaNanoUsd)),
      };
      const mayWrite = flags.dryRun !== true && changed.length > 0;
      const written = mayWrite && session.flags.yes === true;
      const reason = flags.reason ?? `re-rated on ${new Date(session.world.now()).toISOString().slice(0, 10)}`;
      if (written) await correctAll(session, ledger, changed, reason);
      await show(session, result, { period, timezone, written });
      if (written || changed.length === 0) return exitCodes.ok;
      if (!mayWrite || !canAsk(session)) {
        await session.note('Nothing was written. As corrections: llm ledger rerate … --yes');
        return exitCodes.ok;
      }
      if (!(await saysYes(session, `Correct ${count(changed.length)} calls by ${signedUsd(deltaOf(changed))}?`))) {
        await session.note('Nothing was written.');
        return exitCodes.ok;
      }
      await correctAll(session, ledger, changed, reason);
      await session.note(`Corrected ${count(changed.length)} calls. Their rows stay as they were settled.`);
      return exitCodes.ok;
    } finally {
      shown.stop();
      await ledger.close();
    }
  });
}

async function periodOfLedger(session: Session, flags: RerateFlags): Promise<{ period: Period; timezone: string }> {
  let found: { period: Period; timezone: string } | null = null;
  await withFileBooks(session, async ({ file, timezone }) => {
    if (!file.facts().exists) throw new UsageError(`${file.facts().path} is not there yet: no call has been made.`, []);
    found = { period: periodOf(flags, timezone, session.world.now(), 1), timezone };
    return exitCodes.ok;
  });
  if (found === null) throw new UsageError('The ledger could not be read.', ['llm ledger stats']);
  return found;
}

/** As calls ask them: in order, the first that knows a price. */
function pricingOf(parts: readonly Pricing[]): Pricing {
  if (parts.length === 0) throw new UsageError('No plugin brings prices.', ['npm i @vibe/pricing-registry']);
  return {
    kind: 'pricing',
    price: (query) => {
      for (const part of parts) {
        const priced = part.price(query);
        if (priced !== null) return priced;
      }
      return null;
    },
    rates: () => [],
  };
}

/** An interruption leaves whole corrections: those that are missing are found by the next run. */
async function correctAll(
  session: Session,
  ledger: { correct(callId: string, correction: { deltaNanoUsd: number; reason: string }): Promise<void> },
  changed: readonly Rerating[],
  reason: string,
): Promise<void> {
  const shown = progress(session);
  try {
    for (const [index, { callId, deltaNanoUsd }] of changed.entries()) {
      session.world.signal.throwIfAborted();
      if (index % 100 === 0) shown.say(`${count(index)} of ${count(changed.length)} corrections`);
      await ledger.correct(callId, { deltaNanoUsd, reason });
    }
  } finally {
    shown.stop();
  }
}

/** Somebody, or an earlier run, has corrected it. */
function isCorrected({ settledNanoUsd, chargedNanoUsd }: Rerating): boolean {
  return settledNanoUsd !== null && settledNanoUsd !== chargedNanoUsd;
}

function deltaOf(changed: readonly Rerating[]): number {
  return changed.reduce((sum, { deltaNanoUsd }) => sum + deltaNanoUsd, 0);
}

function signedUsd(nanoUsd: number): string {
  return nanoUsd > 0 ? `+${usd(nanoUsd)}` : usd(nanoUsd);
}

interface Shown {
  readonly period: Period;
  readonly timezone: string;
  readonly written: boolean;
}

async function show(session: Session, result: RerateResult, shown: Shown): Promise<void> {
  const { calls, changed, unpriced } = result;
  const { period, timezone, written } = shown;
  const nowMs = session.world.now();
  await print(session, {
    json: () =>
      envelope('vibe.ledger_rerate/1', {
        nowMs,
        timezone,
        query: { since: new Date(period.sinceMs).toISOString(), until: new Date(period.untilMs).toISOString() },
        rows: changed.map((each) => ({ ...each, startedAtMs: new Date(each.startedAtMs).toISOString() })).map(asRow),
        totals: { calls, changed: changed.length, unpriced, deltaNanoUsd: deltaOf(changed), written },
        warnings: [],
      }),
    sheet: () => ({
      header: ['call_id', 'started_at', 'model', 'settled_usd', 'charged_usd', 'new_usd', 'delta_usd'],
      rows: changed.map(({ callId, startedAtMs, model, settledNanoUsd, chargedNanoUsd, newNanoUsd, deltaNanoUsd }) => [
        callId,
        new Date(startedAtMs).toISOString(),
        model,
        settledNanoUsd === null ? null : exactUsd(settledNanoUsd),
        exactUsd(chargedNanoUsd),
        exactUsd(newNanoUsd),
        exactUsd(deltaNanoUsd),
      ]),
    }),
    text: () => textOf(session, result, shown),
  });
}

function asRow({ startedAtMs, ...row }: Omit<Rerating, 'startedAtMs'> & { readonly startedAtMs: string }) {
  return { ...row, startedAt: startedAtMs };
}

function textOf(session: Session, { calls, changed, unpriced }: RerateResult, { period, timezone, written }: Shown) {
  const where = `${count(calls)} calls, ${dateRange(period.sinceMs, period.untilMs, timezone)}`;
  const unknown = unpriced === 0 ? '' : ` ${count(unpriced)} have no price or no usage and stay as they are.`;
  if (changed.length === 0) return `${where}: all of them cost what the list says.${unknown}\n`;
  const rows = changed.slice(0, maxShown);
  const lines = [
    ...tableLines(session, columnsOf(session, rows, timezone)),
    ...(changed.length > rows.length ? [`  … and ${count(changed.length - rows.length)} more`] : []),
    '',
    `${where}: ${count(changed.length)} ${written ? 'corrected' : 'would change'}, ${signedUsd(deltaOf(changed))} together.${unknown}`,
  ];
  const corrected = changed.filter(isCorrected).length;
  if (corrected > 0)
    lines.push(
      `* corrected before: re-rating replaces what was corrected by hand too (--skip-corrected leaves those ${count(corrected)} alone).`,
    );
  return `${lines.join('\n')}\n`;
}

function columnsOf({ out }: Session, rows: readonly Rerating[], timezone: string) {
  const { red, green } = out.colors;
  return [
    { title: 'CALL', cells: rows.map(({ callId }) => callId) },
    { title: 'TIME', dropOrder: 1, cells: rows.map(({ startedAtMs }) => moment(startedAtMs, timezone)) },
    { title: 'MODEL', dropOrder: 2, cells: rows.map(({ model }) => model) },
    {
      title: 'CHARGED',
      align: 'right' as const,
      cells: rows.map((row) => `${usd(row.chargedNanoUsd)}${isCorrected(row) ? '*' : ''}`),
    },
    { title: 'NEW', align: 'right' as const, cells: rows.map(({ newNanoUsd }) => usd(newNanoUsd)) },
    {
      title: 'CHANGE',
      align: 'right' as const,
      cells: rows.map(({ deltaNanoUsd }) => signedUsd(deltaNanoUsd)),
      paint: (cell: string, row: number) => ((rows[row]?.deltaNanoUsd ?? 0) > 0 ? red(cell) : green(cell)),
    },
  ];
}
