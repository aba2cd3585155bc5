import type { BudgetState, GenerationResponse, Vibe } from '@vibe/core';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import type { Session } from '../session.js';
import { usageLine } from './usage-line.js';

/** Says on stderr why an answer is shorter than it should be, and with --usage what it took. */
export async function noteEnding(
  session: Session,
  response: GenerationResponse,
  flags: { readonly usage?: boolean },
  budgets: readonly BudgetState[],
): Promise<void> {
  if (response.finishReason === 'length') {
    await session.note('The answer is cut: it has reached its limit of tokens. Allow more with --max-tokens.');
  }
  if (response.finishReason === 'content_filter')
    await session.note("The answer is cut by the provider's content filter.");
  if (flags.usage === true)
    await session.err.write(`\n${session.err.colors.dim(printable(usageLine(response, budgets)))}\n`);
}

/** The budgets that counted a call, for its usage line. */
export async function countingBudgets(
  vibe: Vibe,
  { usage }: { readonly usage?: boolean },
  ids: ReadonlySet<string>,
): Promise<readonly BudgetState[]> {
  if (usage !== true || ids.size === 0) return [];
  return (await vibe.budgets()).filter(({ id }) => ids.has(id));
}

/** One envelope for every kind of call. */
export function responseJson(
  session: Session,
  response: GenerationResponse,
  schema = 'vibe.generate/1',
  more: Readonly<Record<string, unknown>> = {},
): string {
  const { world, timezone } = session;
  const { warnings, ...rest } = response;
  const simulated = session.flags.simulate === true;
  return envelope(schema, { nowMs: world.now(), timezone, simulated, response: rest, ...more, warnings });
}
