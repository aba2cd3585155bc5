import { redact, type VibeError } from '@vibe/core';
import { usd } from '../output/money.js';
import { printable } from '../output/printable.js';
import { pad, textWidth, wrap } from '../output/text-width.js';
import type { Session } from '../session.js';
import type { UsageError } from '../usage-error.js';
import { budgetHeadline, budgetNumbers } from './budget-refusal.js';
import { docsPage } from './docs-page.js';
import type { LimitOrigins } from './limit-origins.js';
import { nextSteps, type Step } from './next-steps.js';
import { providerNumbers } from './provider-numbers.js';
import { rateNumbers } from './rate-refusal.js';
import { routeReasons, routesHeadline } from './refused-routes.js';

/** A label and its value, aligned under each other. */
export type NumberLine = readonly [label: string, value: string];

/** What happened, the numbers, what to type next, and the id of the call. */
export function errorText(session: Session, error: VibeError, origins?: LimitOrigins): string {
  const { colors } = session.err;
  const numbers = [
    ...budgetNumbers(error, session),
    ...rateNumbers(error, origins),
    ...providerNumbers(error),
    ...routeReasons(error),
    ...spentAllTheSame(error),
  ];
  const message = budgetHeadline(error) ?? routesHeadline(error) ?? error.message;
  return joined([
    headline(session, `Error ${error.code}`, message),
    pairs(numbers, '   '),
    nextLines(nextSteps(error)),
    [colors.dim(footer(error))],
    session.flags.verbose === true ? stackOf(error) : [],
  ]);
}

/** Where the page of the error is, and the call to look up. */
function footer({ code, callId }: VibeError): string {
  const docs = `more: ${docsPage(code)}`;
  return callId === undefined ? docs : `${docs}   call ${callId}`;
}

/** A wrong command line: what is wrong with it, and examples that are right. */
export function usageErrorText(session: Session, { message, next }: UsageError): string {
  return joined([headline(session, 'Error usage', message), nextLines(next.map((step): Step => [step]))]);
}

/** A call that was ended by Ctrl-C is no failure. */
export function cancelledText({ err }: Session, { cost, callId }: VibeError): string {
  const spent = cost?.actualNanoUsd ?? null;
  const parts = [
    'Cancelled',
    spent === null ? null : `${usd(spent)} spent`,
    callId === undefined ? null : `call ${callId}`,
  ];
  return `${err.colors.dim(parts.filter((part) => part !== null).join(' · '))}\n`;
}

function joined(sections: readonly (readonly string[])[]): string {
  const texts = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

const minColumns = 40;

/** Messages of several lines (a config with several problems) keep them. */
function headline({ err }: Session, title: string, message: string): readonly string[] {
  const [first = '', ...rest] = wrap(`${title}: ${printable(message)}`, Math.max(err.columns, minColumns));
  return [first.replace(title, (text) => err.colors.red(text)), ...rest];
}

function nextLines(steps: readonly Step[]): readonly string[] {
  if (steps.length === 0) return [];
  return ['Next:', ...pairs(steps, '   ')];
}

/** Two columns, the first one as wide as it must be for those that have a second. */
function pairs(lines: readonly Step[], gap: string): readonly string[] {
  const paired = lines.filter(([, second]) => second !== undefined);
  const width = Math.max(0, ...paired.map(([first]) => textWidth(first)));
  return lines.map(([first, second]) =>
    printable(second === undefined ? `  ${first}` : `  ${pad(first, width)}${gap}${second}`),
  );
}

/** A failed call may have cost money: retries, cut streams. */
function spentAllTheSame({ cost, usage, code }: VibeError): readonly NumberLine[] {
  const spent = cost?.actualNanoUsd ?? null;
  if (code === 'budget_exceeded' || spent === null || spent === 0) return [];
  return [['spent', `${usage?.unknown === true ? '~' : ''}${usd(spent)} all the same`]];
}

const maxCauses = 5;

function stackOf(error: Error): readonly string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < maxCauses && current instanceof Error; depth++) {
    const title = depth === 0 ? '' : 'caused by ';
    lines.push(...`${title}${redact(current.stack ?? String(current))}`.split('\n').map(printable));
    current = current.cause;
  }
  return lines;
}
