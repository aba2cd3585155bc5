import type { SpendReport } from '../wire.js';
import { get, listen, RefusedError } from './api.js';
import { byId, type Child, fill, h } from './dom.js';
import { addressOf, FilterFields, type Filters, filtersIn, questionOf } from './filters.js';
import { count, percent, seconds, usd, whole } from './format.js';
import { Gauge } from './gauge.js';
import { OverTime } from './over-time.js';
import { endpointTable, failShare, modelTable, statusTable, unitTable } from './tables.js';

let filters = filtersIn(location.search);
let asking: AbortController | null = null;
let drawn = '';

const problem = byId('problem', HTMLElement);
const fields = new FilterFields((change) => choose({ ...filters, ...change }));
const overTime = new OverTime((key) => {
  const only = filters.only.includes(key) ? filters.only.filter((each) => each !== key) : [...filters.only, key];
  choose({ ...filters, only });
});
const gauge = new Gauge('Today');
byId('budgets', HTMLElement).append(gauge.element);

/** Another view: its address goes into the history, so that the browser's "back" leads to the last one. */
function choose(next: Filters): void {
  filters = next;
  history.pushState(null, '', addressOf(next));
  void refresh();
}

/** Asks the server, and draws what is new. Only the latest question counts. */
async function refresh(): Promise<void> {
  fields.set(filters);
  asking?.abort();
  const asked = new AbortController();
  asking = asked;
  try {
    const report = await get<SpendReport>(questionOf(filters), asked.signal);
    if (asked.signal.aborted) return;
    problem.hidden = true;
    // What is drawn anew loses the focus and closes under somebody's hand.
    const drawing = JSON.stringify([report, filters]);
    if (drawing !== drawn) draw(report);
    drawn = drawing;
  } catch (thrown) {
    if (asked.signal.aborted) return;
    if (thrown instanceof RefusedError) complain(thrown.message);
    else unreachable();
  }
}

function unreachable(): void {
  complain('The server does not answer. The page tries again by itself.');
}

function complain(message: string): void {
  problem.textContent = message;
  problem.hidden = false;
}

function draw(report: SpendReport): void {
  byId('period', HTMLElement).textContent = periodText(report);
  fill(byId('tiles', HTMLElement), ...tiles(report));
  byId('empty', HTMLElement).hidden = report.totals.calls > 0;
  overTime.show(report, filters);
  fill(byId('models', HTMLElement), modelTable(report));
  fill(byId('endpoints', HTMLElement), endpointTable(report));
  fill(byId('units', HTMLElement), unitTable(report));
  fill(byId('statuses', HTMLElement), statusTable(report));
  const today = report.budgets.find(({ id }) => id === 'today');
  if (today !== undefined) gauge.show(today);
}

function tiles({ totals, statuses, budgets }: SpendReport): readonly Child[] {
  const held = budgets.find(({ id }) => id === 'today')?.heldNanoUsd ?? 0;
  const cancelledCost = statuses.find(({ key }) => key === 'cancelled')?.costNanoUsd ?? 0;
  const doubts = [
    totals.usageUnknown > 0 ? `~ ${count(totals.usageUnknown, 'attempt')} estimated` : '',
    totals.unpriced > 0 ? `${count(totals.unpriced, 'attempt')} of unknown cost` : '',
  ];
  return [
    tile(
      'Spent',
      `${totals.usageUnknown > 0 ? '~' : ''}${usd(totals.costNanoUsd)}`,
      doubts.filter((doubt) => doubt !== '').join(', '),
    ),
    tile('Held now', usd(held), 'by running calls'),
    tile('Calls', whole(totals.calls), `${whole(totals.attempts)} attempts`),
    tile('Failed', percent(failShare(totals)), `${whole(totals.failed)} attempts`),
    tile('p95', totals.totalP95Ms === null ? '–' : seconds(totals.totalP95Ms), '19 of 20 were faster'),
    tile('Blocked', whole(totals.blocked), 'before anything was sent'),
    tile('Cancelled', whole(totals.cancelled), `cost ${usd(cancelledCost)}`),
  ];
}

function tile(name: string, value: string, note: string): HTMLElement {
  // A number is never cut: fractions of a cent have many digits.
  const size = value.length > 8 ? 'long' : 'short';
  return h(
    'div',
    { class: 'tile' },
    h('dt', {}, name),
    h('dd', { class: size }, value),
    h('dd', { class: 'quiet' }, note),
  );
}

function periodText({ sinceMs, untilMs, timezone }: SpendReport): string {
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, day: 'numeric', month: 'short', year: 'numeric' });
  return `${day.formatRange(sinceMs, untilMs - 1)} · days of ${timezone}`;
}

addEventListener('popstate', () => {
  filters = filtersIn(location.search);
  void refresh();
});
/** Draws what has changed, one question at a time: a busy chat must not make a queue of them. */
let following = false;
let again = false;
async function follow(): Promise<void> {
  if (following) {
    again = true;
    return;
  }
  following = true;
  do {
    again = false;
    await refresh();
  } while (again);
  following = false;
}

// Every change of the ledger by this server, and what others change every few seconds.
listen(crypto.randomUUID(), () => void follow(), unreachable);
void follow();
