import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { type ChatInput, type Message, VibeError } from '@vibe/core';
import { type Client, withClient } from '../client.js';
import { errorText, usageErrorText } from '../errors/error-text.js';
import { exitCodes } from '../exit-codes.js';
import { readAttachments } from '../generate/attachments.js';
import { planText } from '../generate/dry-run.js';
import { countingBudgets, noteEnding } from '../generate/ending.js';
import { chatOf, type GenerateFlags } from '../generate/flags.js';
import { streamed } from '../generate/run.js';
import { tellEvents } from '../generate/tell-events.js';
import { progress } from '../output/progress.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { type ChatState, command, helpText } from './commands.js';

/** A conversation is sent whole with every message: this many messages are remembered. */
const maxMessages = 200;

/**
 * `llm chat`: a conversation, line by line. Ctrl-C stops the answer (which is settled at what it cost so far), or the
 * chat when nothing is being answered; what is piped in is answered line by line.
 */
export async function chat(session: Session, flags: Omit<GenerateFlags, 'stream'>): Promise<number> {
  if (session.flags.json === true)
    throw new UsageError('llm chat talks to people: for JSON ask with llm generate --json.', [
      'llm generate "…" --json',
    ]);
  return withClient(session, 'calls', async (client) => {
    const state: ChatState = {
      flags,
      messages: [],
      files: [...(flags.file ?? [])],
      answered: 0,
      spentNanoUsd: 0,
      unpriced: 0,
    };
    await session.note(`${helpText}\n`);
    await talk(session, client, state);
    return exitCodes.ok;
  });
}

async function talk(session: Session, client: Client, state: ChatState): Promise<void> {
  const lines = openLines(session);
  const running: { stop: AbortController | null } = { stop: null };
  // In raw mode a terminal sends Ctrl-C here instead of a signal.
  lines.on('SIGINT', () => (running.stop === null ? lines.close() : running.stop.abort(new Error('stopped'))));
  const onAbort = () => lines.close();
  session.world.signal.addEventListener('abort', onAbort, { once: true });
  try {
    lines.prompt();
    for await (const line of lines) {
      const text = line.trim();
      if (text.startsWith('/')) {
        if ((await command(session, client, state, text)) === 'exit') return;
      } else if (text !== '') {
        running.stop = new AbortController();
        await answerTo(session, client, state, text, AbortSignal.any([session.world.signal, running.stop.signal]));
        running.stop = null;
      }
      if (session.world.signal.aborted) return;
      lines.prompt();
    }
  } finally {
    session.world.signal.removeEventListener('abort', onAbort);
    lines.close();
  }
}

/** The prompt is drawn on stderr: stdout is for answers alone. */
function openLines({ world, err }: Session): Interface {
  const isTerminal = world.stdin.isTTY === true && err.isTerminal;
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => void err.write(isTerminal ? chunk.toString() : '').then(() => done()),
  });
  return createInterface({ input: world.stdin, output, terminal: isTerminal, prompt: '> ', historySize: 100 });
}

async function answerTo(
  session: Session,
  client: Client,
  state: ChatState,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const { vibe } = client;
  const shown = progress(session);
  const told = tellEvents(vibe, session, shown);
  try {
    const files = await readAttachments(session, state.files);
    const message: Message = { role: 'user', content: [...files, { type: 'text', text }] };
    const request: ChatInput = { ...chatOf(state.flags), messages: [...state.messages, message], signal };
    shown.say('thinking');
    const response = await streamed(session, vibe.stream(request), shown);
    state.files = [];
    for (const warning of response.warnings) await told.warn(warning);
    // A dry run is no answer: nothing to remember, and nothing to count.
    if (response.plan !== null) return await session.out.write(planText(session, response.plan));
    const reply: Message = { role: 'assistant', content: response.text };
    state.messages = [...state.messages, message, reply].slice(-maxMessages);
    count(state, response.cost.actualNanoUsd);
    await noteEnding(session, response, state.flags, await countingBudgets(vibe, state.flags, told.budgetIds));
  } catch (error) {
    shown.stop();
    // One call that fails does not end a conversation; the message can be sent again.
    if (session.world.signal.aborted) throw error;
    await tellFailure(session, state, error);
  } finally {
    shown.stop();
    told.end();
  }
}

/** What was attached goes with the message that is sent again, unless it is what cannot be read. */
async function tellFailure(session: Session, state: ChatState, error: unknown): Promise<void> {
  if (error instanceof UsageError) {
    state.files = [];
    await session.err.write(usageErrorText(session, error));
    await session.note('Nothing is attached any more.');
    return;
  }
  if (VibeError.is(error, 'cancelled')) {
    count(state, error.cost?.actualNanoUsd ?? null);
    await session.note('Stopped.');
  } else await session.err.write(errorText(session, VibeError.from(error)));
  if (state.files.length > 0) await session.note(`Still attached: ${state.files.join(', ')}`);
}

function count(state: ChatState, nanoUsd: number | null): void {
  state.answered += 1;
  if (nanoUsd === null) state.unpriced += 1;
  else state.spentNanoUsd += nanoUsd;
}
