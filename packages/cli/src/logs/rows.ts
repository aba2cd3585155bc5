import type { AttemptRow } from '@vibe/ledger-sqlite/file';
import type { Cell, Sheet } from '../output/csv.js';
import { usageText } from '../output/dimensions.js';
import { exactUsd, usd } from '../output/money.js';
import { printable } from '../output/printable.js';
import type { Column } from '../output/table.js';
import { moment, shortSeconds } from '../output/time.js';
import type { Session } from '../session.js';

/** The columns of attempts, for people. */
export function logColumns({ out }: Session, rows: readonly AttemptRow[], timezone: string): readonly Column[] {
  const right = { align: 'right' } as const;
  return [
    { title: 'TIME', cells: rows.map(({ startedAtMs }) => moment(startedAtMs, timezone)) },
    {
      title: 'STATUS',
      cells: rows.map(({ status }) => status),
      paint: (cell, row) => paintStatus(out.colors, rows[row]?.status, cell),
    },
    ...(rows.every(({ errorCode }) => errorCode === null)
      ? []
      : [{ title: 'ERROR', dropOrder: 5, cells: rows.map(({ errorCode }) => printable(errorCode ?? '–')) }]),
    { title: 'MODEL', shrinkTo: 12, cells: rows.map(({ model }) => printable(model ?? '–')) },
    {
      title: 'ENDPOINT',
      dropOrder: 3,
      cells: rows.map(({ provider, endpoint }) =>
        provider === null ? '–' : printable(`${provider}/${endpoint ?? ''}`),
      ),
    },
    {
      title: 'USAGE',
      dropOrder: 6,
      cells: rows.map(({ quantities }) => (quantities === null ? '–' : usageText(quantities))),
    },
    { title: 'COST', ...right, cells: rows.map(costText) },
    { title: 'TTFT', ...right, dropOrder: 4, cells: rows.map(({ ttftMs }) => shortSeconds(ttftMs)) },
    { title: 'TOTAL', ...right, dropOrder: 2, cells: rows.map(({ totalMs }) => shortSeconds(totalMs)) },
    {
      title: 'TAGS',
      dropOrder: 7,
      cells: rows.map(({ tags }) =>
        printable(
          Object.entries(tags)
            .map(([key, value]) => `${key}=${value}`)
            .join(' '),
        ),
      ),
    },
    // The end of an id tells calls of one minute apart.
    { title: 'CALL', dropOrder: 1, cells: rows.map(({ callId }) => printable(callId.slice(-8))) },
  ];
}

function paintStatus(colors: Session['out']['colors'], status: AttemptRow['status'] | undefined, cell: string): string {
  if (status === 'ok') return colors.green(cell);
  return status === 'failed' || status === 'blocked' ? colors.red(cell) : colors.yellow(cell);
}

/** `~`: an estimate, or what was charged although nobody knows the cost. */
export function costText({ actualNanoUsd, chargedNanoUsd, correctedNanoUsd, usageUnknown }: AttemptRow): string {
  if (actualNanoUsd === null) return chargedNanoUsd === 0 ? 'unknown' : `~${usd(chargedNanoUsd + correctedNanoUsd)}`;
  return `${usageUnknown ? '~' : ''}${usd(chargedNanoUsd + correctedNanoUsd)}`;
}

const units = [
  'input_token',
  'cached_input_token',
  'output_token',
  'reasoning_token',
  'image',
  'audio_second',
  'character',
];

/** The columns of attempts, for programs. */
export const logHeader: readonly string[] = [
  'started_at',
  'call_id',
  'attempt',
  'status',
  'error_code',
  'provider',
  'endpoint',
  'region',
  'model',
  'served_model',
  'charged_usd',
  'corrected_usd',
  'actual_usd',
  'estimated_usd',
  'usage_unknown',
  ...units,
  'usage_json',
  'ttft_ms',
  'total_ms',
  'wait_ms',
  'http_status',
  'finish_reason',
  'request_id',
  'trace_id',
  'tags_json',
];

export function logCells(row: AttemptRow): readonly Cell[] {
  const money = (nanoUsd: number | null) => (nanoUsd === null ? null : exactUsd(nanoUsd));
  return [
    new Date(row.startedAtMs).toISOString(),
    row.callId,
    row.attempt,
    row.status,
    row.errorCode,
    row.provider,
    row.endpoint,
    row.region,
    row.model,
    row.servedModel,
    money(row.chargedNanoUsd),
    money(row.correctedNanoUsd),
    money(row.actualNanoUsd),
    money(row.estimatedNanoUsd),
    String(row.usageUnknown),
    ...units.map((unit) => row.quantities?.[unit] ?? null),
    row.quantities === null ? null : JSON.stringify(row.quantities),
    row.ttftMs,
    row.totalMs,
    row.waitMs,
    row.httpStatus,
    row.finishReason,
    row.requestId,
    row.traceId,
    Object.keys(row.tags).length === 0 ? null : JSON.stringify(row.tags),
  ];
}

export function logSheet(rows: readonly AttemptRow[]): Sheet {
  return { header: logHeader, rows: rows.map(logCells) };
}
