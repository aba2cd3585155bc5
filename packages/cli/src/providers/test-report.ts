import type { DriftFinding } from '@vibe/contract-tests';
import { exitCodeOf, exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { usd } from '../output/money.js';
import { count } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { tsv } from '../output/table.js';
import { tableLines } from '../output/table-text.js';
import type { Session } from '../session.js';
import type { CallResult } from './check/run-calls.js';
import type { ContractResult } from './check/run-contract.js';

/** Everything a test has found out. */
export interface TestReport {
  readonly providerId: string;
  readonly live: boolean;
  /** Empty for a live test: nobody can bring a real service into every situation. */
  readonly contract: readonly ContractResult[];
  readonly calls: readonly CallResult[];
  /** The price that was shown before a live test. */
  readonly atMostNanoUsd: number | null;
}

interface CallDrift extends DriftFinding {
  readonly call: string;
}

/**
 * 0: all is well. A call that an error has ended gives the code of that error, as if it had been made by itself; what a
 * test or the drift check found fault with is 1.
 */
export function exitCodeOfReport({ contract, calls }: TestReport): number {
  const errorCode = calls.find(({ status, errorCode }) => status === 'failed' && errorCode !== null)?.errorCode;
  if (typeof errorCode === 'string') return exitCodeOf(errorCode);
  const isFine =
    contract.every(({ why }) => why === null) &&
    calls.every(({ status }) => status === 'passed') &&
    findingsOf(calls).every(({ level }) => level !== 'failure');
  return isFine ? exitCodes.ok : exitCodes.error;
}

/** Writes the report in the form that the flags want. */
export async function reportTest(session: Session, report: TestReport): Promise<void> {
  const { out, flags } = session;
  if (flags.json === true) await out.write(reportJson(session, report));
  else await out.write(session.tables ? reportText(session, report) : reportTsv(report));
}

function findingsOf(calls: readonly CallResult[]): readonly CallDrift[] {
  return calls.flatMap(({ name, drift }) => (drift ?? []).map((finding) => ({ call: name, ...finding })));
}

function totalsOf({ contract, calls, atMostNanoUsd }: TestReport) {
  const drift = findingsOf(calls);
  const of = (level: DriftFinding['level']) => drift.filter((finding) => finding.level === level).length;
  const contractFailed = contract.filter(({ why }) => why !== null).length;
  const callsFailed = calls.filter(({ status }) => status === 'failed').length;
  const costNanoUsd = calls.find(({ name }) => name === 'ledger')?.costNanoUsd ?? null;
  return {
    contractPassed: contract.length - contractFailed,
    contractFailed,
    callsPassed: calls.length - callsFailed,
    callsFailed,
    ...{ driftFailures: of('failure'), driftWarnings: of('warning'), driftInfos: of('info') },
    costUsd: costNanoUsd === null ? null : costNanoUsd / 1e9,
    costNanoUsd,
    atMostUsd: atMostNanoUsd === null ? null : atMostNanoUsd / 1e9,
    atMostNanoUsd,
  };
}

function reportJson({ world, timezone }: Session, report: TestReport): string {
  const { providerId, live, contract, calls } = report;
  return envelope('vibe.providers_test/1', {
    nowMs: world.now(),
    timezone,
    query: { provider: providerId, live },
    rows: calls.map(({ drift, ...call }) => ({ ...call, compared: drift !== null })),
    drift: findingsOf(calls),
    contract: contract.map(({ theme, name, why }) => ({ theme, name, passed: why === null, message: why })),
    totals: totalsOf(report),
    warnings: [],
  });
}

function reportText(session: Session, report: TestReport): string {
  const { providerId, live, contract, calls } = report;
  const { bold } = session.out.colors;
  const against = live ? 'live service' : 'simulator';
  const sections = [
    [bold(printable(`Test of ${providerId} · ${against}`))],
    callLines(session, calls),
    contract.length === 0 ? [] : contractLines(session, contract),
    driftLines(session, calls),
    [verdict(session, report)],
  ];
  const written = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${written.join('\n\n')}\n`;
}

function callLines(session: Session, calls: readonly CallResult[]): readonly string[] {
  const { green, red } = session.out.colors;
  const failed = calls.filter(({ message }) => message !== null);
  const columns = [
    { title: 'CALL', cells: calls.map(({ name }) => name) },
    { title: 'MODEL', dropOrder: 1, cells: calls.map(({ model }) => (model === '' ? '–' : model)) },
    {
      title: 'STATE',
      cells: calls.map(({ status }) => status),
      paint: (cell: string, row: number) => (calls[row]?.status === 'passed' ? green(cell) : red(cell)),
    },
    {
      title: 'COST',
      align: 'right' as const,
      cells: calls.map(({ costNanoUsd }) => (costNanoUsd === null ? '–' : usd(costNanoUsd))),
    },
    { title: 'DRIFT', cells: calls.map(driftCell) },
  ];
  const reasons = failed.map(({ name, errorCode, message }) =>
    printable(`  ${name}: ${errorCode === null ? '' : `${errorCode}: `}${message}`),
  );
  return [...tableLines(session, columns), ...(reasons.length === 0 ? [] : ['', ...reasons])];
}

function driftCell({ name, drift }: CallResult): string {
  if (drift === null) return name === 'ledger' ? '–' : 'not compared';
  const failures = drift.filter(({ level }) => level === 'failure').length;
  return failures > 0 ? `${failures} failed` : drift.length === 0 ? 'none' : `${drift.length} noted`;
}

function contractLines({ out }: Session, contract: readonly ContractResult[]): readonly string[] {
  const failed = contract.filter(({ why }) => why !== null);
  const passed = contract.length - failed.length;
  return [
    `Contract  ${count(passed)} passed, ${count(failed.length)} failed`,
    ...failed.map(({ theme, name, why }) => out.colors.red(printable(`  ${theme}: ${name}: ${why}`))),
  ];
}

/** What is new says nothing about the adapter: it is counted, and listed with --verbose. */
function driftLines({ out, flags }: Session, calls: readonly CallResult[]): readonly string[] {
  const findings = findingsOf(calls);
  const shown = findings.filter(({ level }) => level !== 'info' || flags.verbose === true);
  const hidden = findings.length - shown.length;
  const paint = { failure: out.colors.red, warning: out.colors.yellow, info: (text: string) => text } as const;
  return [
    ...shown.map(({ level, call, kind, path, message }) =>
      paint[level](printable(`${level}: ${call}: ${kind} $.${path}: ${message}`)),
    ),
    ...(hidden > 0
      ? [`${count(hidden)} new ${hidden === 1 ? 'field' : 'fields'} that nothing reads (--verbose lists them)`]
      : []),
  ];
}

function verdict({ out }: Session, report: TestReport): string {
  const totals = totalsOf(report);
  const failed = totals.contractFailed + totals.callsFailed + totals.driftFailures;
  const cost = totals.costNanoUsd === null ? '' : ` · ${usd(totals.costNanoUsd)}${report.live ? '' : ' simulated'}`;
  const text =
    failed === 0 ? `Passed${cost}` : `Failed: ${count(failed)} ${failed === 1 ? 'finding' : 'findings'}${cost}`;
  return failed === 0 ? out.colors.green(text) : out.colors.red(text);
}

function reportTsv(report: TestReport): string {
  const rows = [
    ...report.calls.map(({ name, model, status, message, costNanoUsd }) => [
      ...['call', name, model, status, costNanoUsd, message],
    ]),
    ...report.contract.map(({ theme, name, why }) => [
      ...['contract', `${theme}: ${name}`, null, why === null ? 'passed' : 'failed', null, why],
    ]),
    ...findingsOf(report.calls).map(({ call, level, kind, path, message }) => [
      ...['drift', `${call}: ${kind} $.${path}`, null, level, null, message],
    ]),
  ];
  return tsv(['group', 'name', 'model', 'status', 'cost_nano_usd', 'message'], rows);
}
