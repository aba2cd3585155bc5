import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Session } from './session.js';
import { UsageError } from './usage-error.js';

/**
 * Asks before something that cannot be taken back. `--yes` answers; without a terminal, or with --no-input, nobody is
 * there to ask, and that is a usage error which says so. Anything but `y` or `yes` ends the command.
 */
export async function confirm(session: Session, question: string, next: readonly string[]): Promise<void> {
  const { flags, world, err } = session;
  if (flags.yes === true) return;
  if (flags.input === false || world.stdin.isTTY !== true) {
    throw new UsageError(`${question} Nobody is there to answer: add --yes.`, next);
  }
  await err.write(`${question} [y/N] `);
  const answer = await readAnswer(session);
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was changed.', []);
}

async function readAnswer({ world }: Session): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: world.stdin, output: silent, terminal: false });
  try {
    // An input that ends without an answer is a no.
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return await Promise.race([lines.question('', { signal: world.signal }), ended]);
  } finally {
    lines.close();
  }
}
