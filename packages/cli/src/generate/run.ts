import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ChatInput, GenerationResponse, Json, JsonObject } from '@vibe/core';
import { type Client, withClient } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { printable } from '../output/printable.js';
import { type Progress, progress } from '../output/progress.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { readAttachments } from './attachments.js';
import { planText } from './dry-run.js';
import { countingBudgets, noteEnding, responseJson } from './ending.js';
import { chatOf, type GenerateFlags } from './flags.js';
import { readPrompt } from './prompt.js';
import { tellEvents } from './tell-events.js';

/** `llm generate`: the answer goes to stdout, everything else to stderr. */
export async function generate(session: Session, words: readonly string[], flags: GenerateFlags): Promise<number> {
  const prompt = await readPrompt(words, session);
  const request: ChatInput = { ...(await requestOf(session, prompt, flags)), signal: session.world.signal };
  return withClient(session, 'calls', async (client) => {
    const shown = progress(session);
    const told = tellEvents(client.vibe, session, shown);
    const response = await answer(session, client, request, flags, shown).finally(() => shown.stop());
    for (const warning of response.warnings) await told.warn(warning);
    if (session.flags.json === true) await session.out.write(responseJson(session, response));
    else if (response.plan !== null) await session.out.write(planText(session, response.plan));
    else await noteEnding(session, response, flags, await countingBudgets(client.vibe, flags, told.budgetIds));
    return exitCodes.ok;
  });
}

async function requestOf(session: Session, prompt: string, flags: GenerateFlags): Promise<ChatInput> {
  const files = await readAttachments(session, flags.file ?? []);
  const text = { type: 'text', text: prompt } as const;
  return {
    ...chatOf(flags),
    ...(files.length === 0 ? { prompt } : { messages: [{ role: 'user', content: [...files, text] }] }),
    ...(flags.schema !== undefined && { output: await readSchema(session, flags.schema) }),
  };
}

/** JSON Schema, written on the command line or in a file. */
export async function readSchema({ world }: Session, text: string): Promise<JsonObject> {
  const example = `llm g "Ada is 36" --schema '{"type":"object","properties":{"age":{"type":"integer"}}}'`;
  const source = text.trimStart().startsWith('{')
    ? text
    : await readFile(resolve(world.cwd, text), 'utf8').catch(() => {
        throw new UsageError(`--schema ${text} is no JSON, and no file that can be read.`, [example]);
      });
  try {
    const schema = JSON.parse(source) as Json;
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as JsonObject;
  } catch (error) {
    throw new UsageError(`--schema is no valid JSON: ${(error as Error).message}`, [example]);
  }
  throw new UsageError('--schema takes a JSON Schema, which is an object.', [example]);
}

/** Runs the call and writes its text, as it comes or at once. A structured answer is written when it is valid. */
async function answer(
  session: Session,
  { vibe }: Client,
  request: ChatInput,
  { stream: incremental, schema }: GenerateFlags,
  shown: Progress,
): Promise<GenerationResponse> {
  shown.say('thinking');
  if (session.flags.json === true || !incremental || schema !== undefined) {
    const response = (await vibe.generate(request)) as GenerationResponse;
    shown.stop();
    if (session.flags.json !== true && response.status !== 'dry_run')
      await writeAnswer(session, textOf(response, schema));
    return response;
  }
  return streamed(session, vibe.stream(request), shown);
}

/** Writes the text of a stream as it comes; what follows, an error too, begins on a line of its own. */
export async function streamed(
  session: Session,
  stream: ReturnType<Client['vibe']['stream']>,
  shown: Progress,
): Promise<GenerationResponse> {
  let last = '';
  try {
    for await (const text of stream.text) {
      shown.stop();
      last = text;
      await session.out.write(forTerminal(session, text));
    }
  } finally {
    if (last !== '' && !last.endsWith('\n')) await session.out.write('\n');
  }
  return stream.final();
}

function textOf({ text, object }: GenerationResponse, schema: string | undefined): string {
  return schema === undefined ? text : JSON.stringify(object, null, 2);
}

export async function writeAnswer(session: Session, text: string): Promise<void> {
  if (text !== '') await session.out.write(forTerminal(session, text.endsWith('\n') ? text : `${text}\n`));
}

/** A model must not steer the terminal; a file gets every byte. */
function forTerminal(session: Session, text: string): string {
  return session.out.isTerminal ? printable(text) : text;
}
