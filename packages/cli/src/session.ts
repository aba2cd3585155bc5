import type { Readable } from 'node:stream';
import { createColors } from 'picocolors';
import { ascii, type BarStyle, blocks } from './output/bars.js';

export type Colors = ReturnType<typeof createColors>;

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly json?: boolean;
  readonly plain?: boolean;
  /** Undefined: where the terminal can. */
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly config?: string;
  readonly project?: string;
  readonly ledger?: string;
  readonly timezone?: string;
  readonly simulate?: boolean;
  /** Answers questions with yes. */
  readonly yes?: boolean;
  /** False: never ask. */
  readonly input?: boolean;
  readonly ascii?: boolean;
}

/** One of the two streams a command writes to. */
export interface Channel {
  /** Resolves when the text was handed over, which is how a slow reader slows the command down. */
  write(text: string): Promise<void>;
  /** A picture or a sound, for `-o -`. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
  /** Infinite where the stream is no terminal. */
  readonly columns: number;
  readonly colors: Colors;
}

/** What a stream must have to become a channel: `process.stdout`, or a test's own. */
export interface OutputStream {
  write(text: string | Uint8Array, done: () => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface World {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly now: () => number;
  /** IANA zone of this machine. */
  readonly timezone: string;
  /** Aborted by Ctrl-C, by a request to terminate, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** Waits; ends early (without an error) when the signal is aborted. Default: real time. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** One run of the program: where its output goes and what all commands share. */
export interface Session {
  readonly world: World;
  readonly flags: GlobalFlags;
  /** Data: answers and tables. */
  readonly out: Channel;
  /** Messages: notes, warnings, errors. */
  readonly err: Channel;
  /** Tables for people; otherwise tab-separated. */
  readonly tables: boolean;
  readonly bars: BarStyle;
  /** For what has no zone of its own. */
  readonly timezone: string;
  /** A message on stderr; none with --quiet, and none with --json, where stderr is for errors alone. */
  note(text: string): Promise<void>;
}

/** Of a terminal that does not say. */
const defaultColumns = 80;

export function createSession(world: World, flags: GlobalFlags): Session {
  const out = channel(world.stdout, world, flags);
  const err = channel(world.stderr, world, flags);
  return {
    world,
    flags,
    out,
    err,
    tables: out.isTerminal && flags.plain !== true,
    bars: flags.ascii !== true && canDrawBlocks(world.env) ? blocks : ascii,
    timezone: flags.timezone ?? world.timezone,
    note: async (text) => {
      if (flags.quiet !== true && flags.json !== true) await err.write(`${text}\n`);
    },
  };
}

function channel(stream: OutputStream, { env }: World, flags: GlobalFlags): Channel {
  const isTerminal = stream.isTTY === true;
  return {
    write: (text) => new Promise((resolve) => stream.write(text, resolve)),
    writeBytes: (bytes) => new Promise((resolve) => stream.write(bytes, resolve)),
    isTerminal,
    columns: columnsOf(stream, env),
    colors: createColors(wantsColor(isTerminal, env, flags)),
  };
}

/** What is no terminal has no width: nothing is broken or left out for programs. */
function columnsOf(stream: OutputStream, env: World['env']): number {
  const asked = Number(env['COLUMNS']);
  if (Number.isInteger(asked) && asked > 0) return asked;
  if (stream.isTTY !== true) return Number.POSITIVE_INFINITY;
  return stream.columns !== undefined && stream.columns > 0 ? stream.columns : defaultColumns;
}

/** Flags before environment before what the stream is (https://no-color.org, https://force-color.org). */
function wantsColor(isTerminal: boolean, env: World['env'], { color, plain }: GlobalFlags): boolean {
  if (plain === true || color === false) return false;
  if (color === true) return true;
  if (isSet(env['NO_COLOR']) || env['TERM'] === 'dumb') return false;
  return isSet(env['FORCE_COLOR']) ? env['FORCE_COLOR'] !== '0' : isTerminal;
}

function canDrawBlocks(env: World['env']): boolean {
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '';
  return env['TERM'] !== 'dumb' && locale !== 'C' && locale !== 'POSIX';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
