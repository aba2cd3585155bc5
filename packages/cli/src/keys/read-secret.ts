import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** Far more than any key has. */
const maxBytes = 65_536;

/** A key: typed without being shown, or piped in. */
export async function readSecret(session: Session, question: string): Promise<string> {
  const text = session.world.stdin.isTTY === true ? await typed(session, question) : await piped(session);
  const key = text.trim();
  if (key === '')
    throw new UsageError('There is no key: nothing was typed or piped in.', ['llm keys set gemini < key.txt']);
  // Never said which character: it would be a part of the key.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new UsageError('That is no key: it has spaces, line breaks or other characters that no key has.', [
      'Copy the key again, without quotes.',
    ]);
  }
  return key;
}

/** Readline edits the line and writes what it shows into nothing. */
async function typed({ world, err }: Session, question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Before the question: from here on the terminal shows nothing of what is typed, however fast it comes.
  const lines = createInterface({ input: world.stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = () => reject(world.signal.reason ?? new Error('interrupted'));
      // The terminal is raw while readline reads it: Ctrl-C is a key like any other.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      world.signal.addEventListener('abort', stop, { once: true });
      lines.once('close', () => {
        world.signal.removeEventListener('abort', stop);
        resolve('');
      });
      lines.once('line', resolve);
      void err.write(question);
    });
  } finally {
    lines.close();
    await err.write('\n');
  }
}

async function piped({ world }: Session): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of world.stdin) {
    world.signal.throwIfAborted();
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > maxBytes) throw new UsageError(`What is piped in is no key: it has more than ${maxBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}
