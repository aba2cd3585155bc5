import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { expect } from 'vitest';

/** A process that tells line by line what it does. */
export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly lines: string[];
  /** Resolves with the first line that begins with `word`. */
  said(word: string): Promise<string>;
  readonly ended: Promise<string>;
}

export function startChild(
  program: string,
  args: readonly (string | number)[],
  env: Record<string, string> = {},
): Child {
  const child = spawn(process.execPath, [program, ...args.map(String)], { env: { ...process.env, ...env } });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let rest = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    // What a killed process had not finished was not acknowledged either.
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(errors)));
  const said = (word: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = lines.find((candidate) => candidate.startsWith(word));
        if (line === undefined) return;
        listeners.delete(look);
        resolve(line);
      };
      listeners.add(look);
      look();
      void ended.then((output) => reject(new Error(`it ended without "${word}": ${output}`)));
    });
  return { process: child, lines, said, ended };
}

/** Several of them that begin at the same moment, and what each had to report in the end. */
export async function runTogether<Report>(
  program: string,
  processes: number,
  args: readonly (string | number)[],
  env: Record<string, string> = {},
): Promise<readonly Report[]> {
  const children = Array.from({ length: processes }, () => startChild(program, args, env));
  await Promise.all(children.map((child) => child.said('ready')));
  for (const child of children) child.process.stdin.write('go\n');
  const lines = await Promise.all(children.map((child) => child.said('done')));
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual(children.map(() => ''));
  return lines.map((line) => JSON.parse(line.slice('done '.length)) as Report);
}
