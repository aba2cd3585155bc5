import { withClient } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import type { Session } from '../session.js';
import { readAttachments } from './attachments.js';
import { planText } from './dry-run.js';
import { chatOf, type GenerateFlags } from './flags.js';
import { readPrompt } from './prompt.js';

/** `llm estimate`: tokens and cost on every route. Sends nothing, writes nothing. */
export async function estimate(session: Session, words: readonly string[], flags: GenerateFlags): Promise<number> {
  const prompt = await readPrompt(words, session, ['llm estimate "Why is the sky blue?"', 'llm estimate < report.txt']);
  const files = await readAttachments(session, flags.file ?? []);
  const content = [...files, { type: 'text', text: prompt } as const];
  return withClient(session, 'calls', async ({ vibe }) => {
    const plan = await vibe.estimate({ ...chatOf(flags), messages: [{ role: 'user', content }] });
    const { world, timezone } = session;
    if (session.flags.json === true)
      await session.out.write(
        envelope('vibe.estimate/1', { nowMs: world.now(), timezone, estimate: plan, warnings: [] }),
      );
    else await session.out.write(planText(session, plan));
    return exitCodes.ok;
  });
}
