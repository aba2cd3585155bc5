import { withClient } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { readAttachments } from '../generate/attachments.js';
import { chatOf, type GenerateFlags } from '../generate/flags.js';
import { readPrompt } from '../generate/prompt.js';
import { envelope } from '../output/envelope.js';
import type { Session } from '../session.js';
import { explainText } from './explain-text.js';

/** `llm route explain`: the whole decision. Sends nothing, writes nothing. */
export async function explain(session: Session, words: readonly string[], flags: GenerateFlags): Promise<number> {
  const examples = ['llm route explain "Why is the sky blue?"', 'llm route explain --route cheap < report.txt'];
  const prompt = await readPrompt(words, session, examples);
  const files = await readAttachments(session, flags.file ?? []);
  const content = [...files, { type: 'text', text: prompt } as const];
  return withClient(session, 'calls', async ({ vibe }) => {
    const estimate = await vibe.estimate({ ...chatOf(flags), messages: [{ role: 'user', content }] });
    const { world, timezone } = session;
    if (session.flags.json === true)
      await session.out.write(envelope('vibe.route/1', { nowMs: world.now(), timezone, estimate, warnings: [] }));
    else await session.out.write(explainText(session, estimate));
    return exitCodes.ok;
  });
}
