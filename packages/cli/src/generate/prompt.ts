import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** More than any model takes. */
const maxStdinBytes = 16 * 1_048_576;

/**
 * The prompt: the words of the command line, and behind an empty line what is piped in (`git diff | llm g "review"`).
 * Throws a usage error when both are empty.
 */
export async function readPrompt(
  words: readonly string[],
  { world }: Session,
  examples: readonly string[] = generateExamples,
): Promise<string> {
  const piped = world.stdin.isTTY === true ? '' : await readAll(world.stdin, world.signal);
  const prompt = [words.join(' '), piped].filter((text) => text.trim() !== '').join('\n\n');
  if (prompt !== '') return prompt;
  throw new UsageError('There is no prompt.', examples);
}

const generateExamples = ['llm generate "Why is the sky blue?"', 'git diff | llm generate "Review this change"'];

async function readAll(stdin: AsyncIterable<unknown>, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    signal.throwIfAborted();
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > maxStdinBytes) {
      throw new UsageError(`The piped input is larger than ${maxStdinBytes} bytes.`, ['Send a part of it.']);
    }
    chunks.push(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new UsageError('The piped input is no text in UTF-8.', ['Convert it, for example with iconv -t UTF-8.']);
  }
}
