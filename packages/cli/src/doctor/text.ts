import { printable } from '../output/printable.js';
import { pad, textWidth, wrap } from '../output/text-width.js';
import type { Session } from '../session.js';
import { version } from '../version.js';
import type { Status } from './check.js';
import type { Diagnosis } from './doctor.js';

interface Summary {
  readonly ok: number;
  readonly warn: number;
  readonly error: number;
  readonly skipped: number;
}

const marks: Readonly<Record<Status, readonly [drawn: string, plain: string]>> = {
  ok: ['✓', 'ok'],
  warning: ['!', '!!'],
  error: ['✗', 'XX'],
  skipped: ['–', '--'],
};

const minColumns = 40;

/** One line per finding with what to do below it, a summary, and what to do first. */
export function doctorText(
  { out, bars }: Session,
  found: readonly Diagnosis[],
  { ok, warn, error, skipped }: Summary,
  { offline, nodeVersion }: { readonly offline: boolean; readonly nodeVersion: string },
): string {
  const { green, yellow, red, dim } = out.colors;
  const paint = { ok: green, warning: yellow, error: red, skipped: dim };
  const draws = bars.full === '█' ? 0 : 1;
  const titleWidth = Math.max(...found.map(({ title }) => textWidth(title)));
  const indent = ' '.repeat(titleWidth + (draws === 0 ? 6 : 7));
  const columns = Math.max(out.columns, indent.length + minColumns) - indent.length;
  const lines = found.flatMap(({ title, status, detail, advice }) => {
    const [first = '', ...rest] = wrap(printable(detail), columns);
    const mark = paint[status](`[${marks[status][draws]}]`);
    return [
      `${mark} ${pad(title, titleWidth)}  ${first}`,
      ...rest.map((line) => indent + line),
      ...advice.map((line) => dim(`${indent}${draws === 0 ? '→' : '->'} ${printable(line)}`)),
    ];
  });
  const first = found.find(({ status }) => status === 'error') ?? found.find(({ status }) => status === 'warning');
  const network = offline ? 'off (--offline)' : 'on (--offline to skip)';
  return `${[
    `Vibe doctor · @vibe/cli ${version()} · Node ${nodeVersion} · ${process.platform} ${process.arch}`,
    '',
    ...lines,
    '',
    `${plural(found.length, 'finding')}: ${ok} ok, ${plural(warn, 'warning')}, ${plural(error, 'error')}, ${skipped} skipped.  Network checks: ${network}`,
    ...(first?.advice[0] === undefined ? [] : [`Fix first: ${printable(first.advice[0])}`]),
  ].join('\n')}\n`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
