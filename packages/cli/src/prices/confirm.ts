import { createInterface } from 'node:readline/promises';
import type { Session } from '../session.js';

/** Whether somebody sits there who can be asked. */
export function canAsk({ world, err, flags }: Session): boolean {
  return world.stdin.isTTY === true && err.isTerminal && flags.json !== true;
}

/** Anything but a yes is a no. */
export async function saysYes({ world, err }: Session, question: string): Promise<boolean> {
  const lines = createInterface({ input: world.stdin });
  const stop = () => lines.close();
  world.signal.addEventListener('abort', stop, { once: true });
  try {
    await err.write(`${question} [y/N] `);
    const answer = await lines[Symbol.asyncIterator]().next();
    return /^\s*y(es)?\s*$/i.test(String(answer.value ?? ''));
  } finally {
    world.signal.removeEventListener('abort', stop);
    lines.close();
  }
}
