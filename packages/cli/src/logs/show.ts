import type { AttemptRow } from '@vibe/ledger-sqlite/file';
import { withFileBooks } from '../books.js';
import { exitCodes } from '../exit-codes.js';
import { quantityText } from '../output/dimensions.js';
import { envelope } from '../output/envelope.js';
import { exactUsd } from '../output/money.js';
import { print } from '../output/print.js';
import { printable } from '../output/printable.js';
import { pad, wrap } from '../output/text-width.js';
import { moment, seconds } from '../output/time.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { rowJson } from './list.js';
import { costText, logSheet } from './rows.js';

const labelWidth = 12;

/** `llm logs show CALL`: every attempt of a call with its cost lines, errors and times. */
export async function showCall(session: Session, callId: string): Promise<number> {
  return withFileBooks(session, async ({ file, timezone }) => {
    const rows = [...file.attempts({ callId, limit: 200 })];
    const ids = [...new Set(rows.map((row) => row.callId))];
    if (ids.length === 0)
      throw new UsageError(`No call ${JSON.stringify(callId)} in this ledger.`, ['llm logs', 'llm ledger path']);
    if (ids.length > 1)
      throw new UsageError(
        `${JSON.stringify(callId)} fits ${ids.length} calls: write more of the id.`,
        ids.slice(0, 5).map((id) => `llm logs show ${id}`),
      );
    const nowMs = session.world.now();
    await print(session, {
      json: () => envelope('vibe.call/1', { nowMs, timezone, callId: ids[0], rows: rows.map(rowJson), warnings: [] }),
      sheet: () => logSheet(rows),
      text: () => callText(session, rows, timezone),
    });
    return exitCodes.ok;
  });
}

function callText(session: Session, rows: readonly AttemptRow[], timezone: string): string {
  const { out } = session;
  const [first] = rows;
  const pairs = pairsOn(out.columns);
  const tags = Object.entries(first?.tags ?? {}).map(([key, value]) => `${key}=${value}`);
  const head = [
    out.colors.bold(`Call ${first?.callId ?? ''}`),
    ...pairs([
      ['trace', first?.traceId ?? null],
      ['tags', tags.length === 0 ? null : tags.join(' ')],
      ['downgraded', first?.downgradedFrom === null || first === undefined ? null : `from ${first.downgradedFrom}`],
    ]),
  ];
  const sections = [head.join('\n'), ...rows.map((row) => attemptText(session, row, timezone))];
  return `${printable(sections.join('\n\n'))}\n`;
}

function attemptText({ out }: Session, row: AttemptRow, timezone: string): string {
  const pairs = pairsOn(out.columns);
  const where = row.provider === null ? 'nowhere' : `${row.model} @ ${row.provider}/${row.endpoint} (${row.region})`;
  const title =
    row.attempt === 0 ? `Nothing was sent · ${row.status}` : `Attempt ${row.attempt} · ${row.status} · ${where}`;
  const quantities = Object.entries(row.quantities ?? {}).map(
    ([unit, quantity]) => `${quantityText(unit, quantity)} ${unit}`,
  );
  const times = [
    row.ttftMs === null ? null : `first token ${seconds(row.ttftMs)}`,
    row.totalMs === null ? null : `whole ${seconds(row.totalMs)}`,
    row.waitMs === null || row.waitMs === 0 ? null : `waited ${seconds(row.waitMs)}`,
    row.retryMs === null || row.retryMs === 0 ? null : `backoff ${seconds(row.retryMs)}`,
  ].filter((text) => text !== null);
  const served = row.servedModel === null || row.servedModel === row.model ? null : row.servedModel;
  const error =
    row.errorCode === null ? null : `${row.errorCode}${row.errorMessage === null ? '' : `: ${row.errorMessage}`}`;
  return [
    title,
    ...pairs([
      ['began', moment(row.startedAtMs, timezone)],
      ['served by', served],
      ['error', error],
      ['HTTP', row.httpStatus === null ? null : String(row.httpStatus)],
      ['finish', row.finishReason],
      ['request id', row.requestId],
      ['times', times.length === 0 ? null : times.join(' · ')],
      [
        'usage',
        quantities.length === 0
          ? null
          : `${quantities.join(' · ')}${row.usageUnknown ? ' (not said by the provider)' : ''}`,
      ],
      [
        'cost',
        `${costText(row)}${row.correctedNanoUsd === 0 ? '' : ` (corrected by ${exactUsd(row.correctedNanoUsd)} USD)`}`,
      ],
      ['price list', row.currency === null ? null : `in ${row.currency}, ${row.fxRate ?? 1} to the USD`],
    ]),
    ...row.lines.map(
      ({ unit, quantity, nanoUsd, priceId }) =>
        `  ${pad('', labelWidth)}${exactUsd(nanoUsd)} USD for ${quantityText(unit, quantity)} ${unit}   ${priceId}`,
    ),
  ].join('\n');
}

type Pair = readonly [label: string, value: string | null];

/** A long value goes on below itself. */
function pairsOn(columns: number): (lines: readonly Pair[]) => readonly string[] {
  const width = Math.max(minValueWidth, columns - labelWidth - 2);
  return (lines) =>
    lines.flatMap(([label, value]) =>
      value === null
        ? []
        : wrap(value, width).map((line, index) => `  ${pad(index === 0 ? label : '', labelWidth)}${line}`),
    );
}

const minValueWidth = 20;
