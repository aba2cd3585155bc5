import type { ReportRow } from '@vibe/core';
import type { SpendReport } from '../wire.js';
import { cellBar } from './chart.js';
import { type Child, h } from './dom.js';
import { percent, seconds, usd, whole } from './format.js';

/** A column: its heading and what stands in it. Numbers stand on the right. */
interface Column<Row> {
  readonly name: string;
  readonly number?: boolean;
  /** Words, over several lines where there is little room. */
  readonly words?: boolean;
  readonly cell: (row: Row) => Child;
}

/** A table with a heading, which stays in sight when the table is scrolled sideways; without rows it says so. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): HTMLElement {
  const head = columns.map(({ name, number }) =>
    h('th', { scope: 'col', class: number === true ? 'number' : null }, name),
  );
  const body = rows.map((row) =>
    h(
      'tr',
      {},
      ...columns.map(({ cell, number, words }, index) =>
        index === 0
          ? h('th', { scope: 'row' }, cell(row))
          : h('td', { class: number === true ? 'number' : words === true ? 'words' : null }, cell(row)),
      ),
    ),
  );
  const nothing = rows.length === 0 && h('p', { class: 'quiet' }, 'Nothing in this time.');
  const lines = h('table', { 'aria-label': caption }, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...body));
  return h(
    'div',
    {},
    h('h2', {}, caption),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, lines),
    nothing,
  );
}

/** Money that is known; what is unknown beside it is counted, not taken for nothing. */
function cost({ costNanoUsd, unpriced, usageUnknown }: ReportRow): string {
  const unknown = unpriced > 0 ? ` + ${unpriced} unknown` : '';
  return `${usageUnknown > 0 ? '~' : ''}${usd(costNanoUsd)}${unknown}`;
}

export function modelTable({ models, totals }: SpendReport): HTMLElement {
  const all = totals.costNanoUsd;
  return table<ReportRow>(
    'Spend by model',
    [
      { name: 'Model', cell: ({ key }) => key },
      { name: 'Cost', number: true, cell: cost },
      {
        name: 'Share',
        cell: ({ costNanoUsd }) =>
          cellBar(all === 0 ? 0 : costNanoUsd / all, all === 0 ? '–' : percent(costNanoUsd / all)),
      },
      { name: 'Calls', number: true, cell: ({ calls }) => whole(calls) },
      {
        name: 'Per call',
        number: true,
        cell: ({ calls, costNanoUsd }) => (calls === 0 ? '–' : usd(costNanoUsd / calls)),
      },
    ],
    models,
  );
}

export function endpointTable({ endpoints }: SpendReport): HTMLElement {
  const slowest = Math.max(...endpoints.map(({ totalP95Ms }) => totalP95Ms ?? 0), 1);
  return table<ReportRow>(
    'Endpoints: how often they fail and how long they take',
    [
      { name: 'Endpoint', cell: ({ key }) => key },
      { name: 'Attempts', number: true, cell: ({ attempts }) => whole(attempts) },
      { name: 'Failed', cell: (row) => cellBar(failShare(row), percent(failShare(row)), 'bad') },
      { name: 'p50', number: true, cell: ({ totalP50Ms }) => (totalP50Ms === null ? '–' : seconds(totalP50Ms)) },
      {
        name: 'p95',
        cell: ({ totalP95Ms }) => cellBar((totalP95Ms ?? 0) / slowest, totalP95Ms === null ? '–' : seconds(totalP95Ms)),
      },
      {
        name: 'First token p50',
        number: true,
        cell: ({ ttftP50Ms }) => (ttftP50Ms === null ? '–' : seconds(ttftP50Ms)),
      },
      { name: 'Cost', number: true, cell: cost },
    ],
    endpoints,
  );
}

export function unitTable({ units, totals }: SpendReport): HTMLElement {
  const all = totals.costNanoUsd;
  return table<ReportRow>(
    'Spend by unit',
    [
      { name: 'Unit', cell: ({ key }) => key.replaceAll('_', ' ') },
      { name: 'Quantity', number: true, cell: ({ key, quantities }) => quantity(quantities[key]) },
      { name: 'Cost', number: true, cell: ({ costNanoUsd }) => usd(costNanoUsd) },
      {
        name: 'Share',
        cell: ({ costNanoUsd }) =>
          cellBar(all === 0 ? 0 : costNanoUsd / all, all === 0 ? '–' : percent(costNanoUsd / all)),
      },
    ],
    // What was not used and cost nothing is no spend.
    units.filter(({ key, quantities, costNanoUsd }) => costNanoUsd !== 0 || (quantities[key] ?? 0) !== 0),
  );
}

/** Money without a quantity, such as a correction, has none. */
function quantity(value: number | undefined): string {
  return value === undefined ? '–' : whole(Math.round(value * 10) / 10);
}

const meanings: Readonly<Record<string, string>> = {
  ok: 'answered',
  failed: 'ended with an error',
  cancelled: 'stopped; what had come is charged',
  blocked: 'refused before anything was sent',
  expired: 'its process died; the hold counts as spent',
};

export function statusTable({ statuses }: SpendReport): HTMLElement {
  return table<ReportRow>(
    'How calls and attempts ended',
    [
      { name: 'Outcome', cell: ({ key }) => key },
      { name: 'What it means', words: true, cell: ({ key }) => meanings[key] ?? '' },
      { name: 'Calls', number: true, cell: ({ calls }) => whole(calls) },
      { name: 'Attempts', number: true, cell: ({ attempts }) => whole(attempts) },
      { name: 'Cost', number: true, cell: cost },
    ],
    statuses,
  );
}

/** Of what reached a provider. */
export function failShare({ failed, attempts }: ReportRow): number {
  return attempts === 0 ? 0 : Math.min(1, failed / attempts);
}
