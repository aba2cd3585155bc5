import type { BudgetState, ChatInput, GenerationResponse, Vibe } from '@vibe/core';
import { type Client, withClient } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import type { Session } from '../session.js';
import { dryRunText } from './dry-run.js';
import { type GenerateFlags, requestOf } from './flags.js';
import { readPrompt } from './prompt.js';
import { tellEvents } from './tell-events.js';
import { usageLine } from './usage-line.js';

/** `llm generate`: the answer goes to stdout, everything else to stderr. */
export async function generate(session: Session, words: readonly string[], flags: GenerateFlags): Promise<number> {
  const prompt = await readPrompt(words, session);
  return withClient(session, 'calls', async (client) => {
    const told = tellEvents(client.vibe, session);
    const request = { ...requestOf(prompt, flags), signal: session.world.signal };
    const response = await answer(session, client, request, flags.stream);
    for (const warning of response.warnings) await told.warn(warning);
    if (session.flags.json === true) await session.out.write(responseJson(session, response));
    else if (response.status === 'dry_run') await session.out.write(dryRunText(session, response));
    else await noteEnding(session, response, flags, await countingBudgets(client.vibe, flags, told.budgetIds));
    return exitCodes.ok;
  });
}

/** Runs the call and writes its text, as it comes or at once. */
async function answer(
  session: Session,
  { vibe }: Client,
  request: ChatInput,
  incremental: boolean,
): Promise<GenerationResponse> {
  const { out } = session;
  if (session.flags.json === true || !incremental) {
    const response = await vibe.generate(request);
    if (session.flags.json !== true && response.status !== 'dry_run') await writeAnswer(session, response.text);
    return response as GenerationResponse;
  }
  let last = '';
  const stream = vibe.stream(request);
  try {
    for await (const text of stream.text) {
      last = text;
      await out.write(shown(session, text));
    }
  } finally {
    // What follows, an error too, begins on a line of its own.
    if (last !== '' && !last.endsWith('\n')) await out.write('\n');
  }
  return stream.final();
}

async function writeAnswer(session: Session, text: string): Promise<void> {
  if (text !== '') await session.out.write(shown(session, text.endsWith('\n') ? text : `${text}\n`));
}

/** A model must not steer the terminal; a file gets every byte. */
function shown(session: Session, text: string): string {
  return session.out.isTerminal ? printable(text) : text;
}

async function noteEnding(
  session: Session,
  response: GenerationResponse,
  flags: GenerateFlags,
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

async function countingBudgets(
  vibe: Vibe,
  { usage }: GenerateFlags,
  ids: ReadonlySet<string>,
): Promise<readonly BudgetState[]> {
  if (usage !== true || ids.size === 0) return [];
  return (await vibe.budgets()).filter(({ id }) => ids.has(id));
}

function responseJson(session: Session, response: GenerationResponse): string {
  const { world, timezone } = session;
  const { warnings, ...rest } = response;
  const simulated = session.flags.simulate === true;
  return envelope('vibe.generate/1', { nowMs: world.now(), timezone, simulated, response: rest, warnings });
}
