import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { type ChatInput, type Message, type Part, VibeError } from '@vibe/core';
import { type Client, withClient } from '../client.js';
import { errorText } from '../errors/error-text.js';
import { exitCodes } from '../exit-codes.js';
import { readAttachments } from '../generate/attachments.js';
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
  try {
    const message: Message = { role: 'user', content: [...(await attached(session, state)), { type: 'text', text }] };
    const request: ChatInput = { ...chatOf(state.flags), messages: [...state.messages, message], signal };
    const told = tellEvents(vibe, session, shown);
    shown.say('thinking');
    const response = await streamed(session, vibe.stream(request), shown);
    const reply: Message = { role: 'assistant', content: response.text };
    state.messages = [...state.messages, message, reply].slice(-maxMessages);
    count(state, response.cost.actualNanoUsd);
    for (const warning of response.warnings) await told.warn(warning);
    await noteEnding(session, response, state.flags, await countingBudgets(vibe, state.flags, told.budgetIds));
  } catch (error) {
    shown.stop();
    // One call that fails does not end a conversation; the message can be sent again.
    if (session.world.signal.aborted) throw error;
    if (VibeError.is(error, 'cancelled')) {
      count(state, error.cost?.actualNanoUsd ?? null);
      await session.note('Stopped.');
    } else await session.err.write(errorText(session, VibeError.from(error)));
  } finally {
    shown.stop();
  }
}

/** What was attached goes with the next message, once. */
async function attached(session: Session, state: ChatState): Promise<readonly Part[]> {
  const parts = await readAttachments(session, state.files);
  state.files = [];
  return parts;
}

function count(state: ChatState, nanoUsd: number | null): void {
  state.answered += 1;
  if (nanoUsd === null) state.unpriced += 1;
  else state.spentNanoUsd += nanoUsd;
}
