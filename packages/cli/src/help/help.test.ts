import { describe, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.js';
import { fakeWorld, run } from '../testing.js';
import { topics } from './topics.js';

describe('llm help', () => {
  it('prints the page of any command', async () => {
    for (const words of [[], ['budget'], ['budget', 'report'], ['g'], ['ledger', 'compact']]) {
      const { exitCode, out, err } = await run(['help', ...words]);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      expect(out).toBe((await run([...words, '--help'])).out);
    }
  });

  it.each(topics.map((topic) => [topic.name, topic] as const))('knows the topic %s', async (name, topic) => {
    const { exitCode, out, err } = await run(['help', name], fakeWorld({ columns: 60 }));
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toBe(await topic.text());
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(125);
    expect((await run(['help', 'help'])).out).toContain(name);
  });

  it('names every exit code', async () => {
    const { out } = await run(['help', 'exit-codes']);
    for (const code of Object.values(exitCodes)) expect(out).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
  });

  it('suggests what may have been meant', async () => {
    const said = async (...words: string[]) => {
      const { exitCode, err } = await run(['help', ...words], fakeWorld({ columns: 200 }));
      expect(exitCode).toBe(2);
      return err;
    };
    expect(await said('exit-code')).toContain('"exit-code" (did you mean exit-codes?)');
    expect(await said('budget', 'repotr')).toContain('"budget repotr" (did you mean budget report?)');
    expect(await said('nonsense')).toContain('llm help formatting');
  });
});
