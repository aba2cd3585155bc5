import { nearestName } from '@vibe/config';
import type { Message } from '@vibe/core';
import { gaugeName, usedShare } from '../budget/gauge.js';
import type { Client } from '../client.js';
import type { GenerateFlags } from '../generate/flags.js';
import { usd } from '../output/money.js';
import { percent } from '../output/numbers.js';
import type { Session } from '../session.js';

/** A conversation so far. */
export interface ChatState {
  flags: Omit<GenerateFlags, 'stream'>;
  messages: readonly Message[];
  /** Attached to the next message. */
  files: string[];
  answered: number;
  spentNanoUsd: number;
  unpriced: number;
}

export const helpText =
  '/model NAME · /file PATH · /usage · /budget · /clear · /help · /exit     Ctrl-C stops an answer';

const names = ['/model', '/file', '/usage', '/budget', '/clear', '/help', '/exit', '/quit'];

/** Does what a line that begins with a slash says. All of it is told on stderr. */
export async function command(
  session: Session,
  client: Client,
  state: ChatState,
  line: string,
): Promise<'exit' | 'stay'> {
  const [name = '', ...rest] = line.split(/\s+/);
  const value = rest.join(' ');
  switch (name) {
    case '/exit':
    case '/quit':
      return 'exit';
    case '/model':
      if (value !== '') state.flags = { ...state.flags, model: value };
      await session.note(`Model: ${state.flags.model ?? 'chosen by the router'}`);
      return 'stay';
    case '/file':
      if (value !== '') state.files.push(value);
      await session.note(
        state.files.length === 0 ? 'Nothing is attached.' : `With the next message: ${state.files.join(', ')}`,
      );
      return 'stay';
    case '/usage':
      await session.note(usageText(state));
      return 'stay';
    case '/budget':
      await session.note(await budgetText(client));
      return 'stay';
    case '/clear':
      state.messages = [];
      state.files = [];
      await session.note('Forgotten. The next message begins a new conversation.');
      return 'stay';
    case '/help':
      await session.note(helpText);
      return 'stay';
    default: {
      const meant = nearestName(name, names);
      await session.note(`There is no ${name}${meant === null ? '' : `: did you mean ${meant}?`}\n${helpText}`);
      return 'stay';
    }
  }
}

function usageText({ answered, spentNanoUsd, unpriced, messages }: ChatState): string {
  const unknown = unpriced > 0 ? `, and ${unpriced} of unknown cost` : '';
  return `${answered} ${answered === 1 ? 'answer' : 'answers'} for ${usd(spentNanoUsd)}${unknown}; ${messages.length} messages remembered.`;
}

async function budgetText({ vibe }: Client): Promise<string> {
  const budgets = (await vibe.budgets()).filter(({ window }) => window !== 'call');
  if (budgets.length === 0) return 'No budgets are set.';
  return budgets
    .map(
      (budget) =>
        `${gaugeName(budget)}: ${usd(budget.spentNanoUsd)} of ${usd(budget.limitNanoUsd)} (${percent(usedShare(budget))})`,
    )
    .join('\n');
}
