import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main } from './main.js';
import { createSession, type GlobalFlags, type Session, type World } from './session.js';

/** Sun 22 Nov 2026, 18:53 in Shanghai. */
export const frozenMs = Date.parse('2026-11-22T10:53:00Z');

/** A terminal with a frozen clock whose output is kept. */
export interface FakeWorld extends World {
  readonly written: { out: string; err: string };
}

export function fakeWorld(
  given: Partial<World> & {
    readonly columns?: number;
    readonly isTTY?: boolean;
    readonly input?: string | Uint8Array;
  } = {},
): FakeWorld {
  const { columns = 80, isTTY = true, input, ...world } = given;
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    isTTY,
    columns,
    write(text: string | Uint8Array, done: () => void) {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
      done();
    },
  });
  const stdin = Object.assign(Readable.from(input === undefined ? [] : [Buffer.from(input)]), {
    isTTY: input === undefined ? true : undefined,
  });
  return {
    stdout: stream('out'),
    stderr: stream('err'),
    stdin,
    env: { NO_COLOR: '1' },
    cwd: '/nowhere',
    now: () => frozenMs,
    timezone: 'Asia/Shanghai',
    signal: new AbortController().signal,
    ...world,
    written,
  };
}

export function fakeSession(
  flags: GlobalFlags = {},
  world: FakeWorld = fakeWorld(),
): Session & { readonly world: FakeWorld } {
  return { ...createSession(world, flags), world };
}

/** Runs a command line inside this process. */
export async function run(args: readonly string[], world: FakeWorld = fakeWorld()) {
  const exitCode = await main(args, world);
  return { exitCode, ...world.written };
}

const bin = fileURLToPath(new URL('../dist/bin.js', import.meta.url));

/** A folder with a home and a project of its own, and the built program in it. */
export interface Sandbox {
  readonly root: string;
  readonly cwd: string;
  readonly ledger: string;
  /** Writes a file, relative to the root. */
  write(path: string, content: string): string;
  /** Runs the built program to its end. Nothing is piped in unless `input` is given. */
  llm(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts it and leaves the rest to the test. */
  start(args: readonly string[], options?: RunOptions): ChildProcess;
  remove(): void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

export interface Finished {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export function sandbox(): Sandbox {
  const root = mkdtempSync(join(tmpdir(), 'vibe-cli-'));
  const cwd = join(root, 'project');
  mkdirSync(cwd);
  mkdirSync(join(root, 'home'));
  const write = (path: string, content: string) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const start = (args: readonly string[], { env = {}, input, cwd: folder = cwd }: RunOptions = {}) =>
    spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: join(root, 'home'),
        XDG_STATE_HOME: join(root, 'state'),
        TZ: 'Asia/Shanghai',
        ...env,
      },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  return {
    root,
    cwd,
    ledger: join(root, 'state/vibe/ledger.db'),
    write,
    start,
    llm: (args, options) => finished(start(args, options), options?.input),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function finished(child: ChildProcess, input?: string): Promise<Finished> {
  const texts = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  if (input !== undefined) child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...texts }));
  });
}
