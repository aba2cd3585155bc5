import { type ReportRange, type ReportSplit, reportRanges, reportSplits } from '../wire.js';
import { byId } from './dom.js';

/** What the report shows. All of it stands in the address, so that it can be kept and sent to somebody. */
export interface Filters {
  readonly range: ReportRange | 'dates';
  /** Days, both inclusive, as `2026-11-22`; only with the range `dates`. */
  readonly from: string;
  readonly to: string;
  readonly split: ReportSplit;
  readonly show: 'cost' | 'calls';
  /** Only these parts of the bars; empty: all. */
  readonly only: readonly string[];
}

/** The filters that an address stands for; what it does not say, or says wrongly, is the default. */
export function filtersIn(search: string): Filters {
  const asked = new URLSearchParams(search);
  const from = asked.get('from') ?? '';
  const to = asked.get('to') ?? '';
  const range = reportRanges.find((name) => name === asked.get('range'));
  return {
    range: range ?? (from === '' && to === '' ? 'today' : 'dates'),
    from,
    to,
    split: reportSplits.find((name) => name === asked.get('split')) ?? 'model',
    show: asked.get('show') === 'calls' ? 'calls' : 'cost',
    only: asked.getAll('only'),
  };
}

/** The address of the filters, without what is the default. */
export function addressOf({ range, from, to, split, show, only }: Filters): string {
  const parameters = new URLSearchParams();
  if (range !== 'dates' && range !== 'today') parameters.set('range', range);
  if (range === 'dates' && from !== '') parameters.set('from', from);
  if (range === 'dates' && to !== '') parameters.set('to', to);
  if (split !== 'model') parameters.set('split', split);
  if (show !== 'cost') parameters.set('show', show);
  for (const key of only) parameters.append('only', key);
  return parameters.size === 0 ? '/report' : `/report?${parameters}`;
}

/** What the server is asked for. */
export function questionOf({ range, from, to, split }: Filters): string {
  const parameters = new URLSearchParams({ split });
  if (range !== 'dates') parameters.set('range', range);
  else {
    if (from !== '') parameters.set('from', from);
    if (to !== '') parameters.set('to', to);
  }
  return `/api/report?${parameters}`;
}

/** A call uses several units: only its cost can be split by them. */
export function shownOf({ split, show }: Filters): Filters['show'] {
  return split === 'unit' ? 'cost' : show;
}

/** The filters as fields of the page; `changed` hears every change. */
export class FilterFields {
  readonly #range = byId('range', HTMLSelectElement);
  readonly #from = byId('from', HTMLInputElement);
  readonly #to = byId('to', HTMLInputElement);
  readonly #dates = byId('dates', HTMLElement);
  readonly #split = byId('split', HTMLSelectElement);
  readonly #show = byId('show', HTMLSelectElement);

  constructor(changed: (change: Partial<Filters>) => void) {
    this.#range.addEventListener('change', () => changed({ range: this.#range.value as Filters['range'], only: [] }));
    this.#from.addEventListener('change', () => changed({ from: this.#from.value }));
    this.#to.addEventListener('change', () => changed({ to: this.#to.value }));
    this.#split.addEventListener('change', () => changed({ split: this.#split.value as ReportSplit, only: [] }));
    this.#show.addEventListener('change', () => changed({ show: this.#show.value as Filters['show'] }));
  }

  set(filters: Filters): void {
    const { range, from, to, split } = filters;
    this.#range.value = range;
    this.#from.value = from;
    this.#to.value = to;
    this.#dates.hidden = range !== 'dates';
    this.#split.value = split;
    this.#show.value = shownOf(filters);
    this.#show.disabled = split === 'unit';
  }
}
