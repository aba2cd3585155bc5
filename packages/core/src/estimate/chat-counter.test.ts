import { describe, expect, it } from 'vitest';
import { chatCounter } from './chat-counter.js';

const chat = (text: string) => ({ messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }] });
/** What stands around one message. */
const around = 14;

describe('a counter with a vocabulary', () => {
  it('loads it once, however many count meanwhile, and then answers at once', async () => {
    let loads = 0;
    const count = chatCounter(async () => {
      loads++;
      return (text) => text.length;
    });
    expect(await Promise.all([count(chat('one')), count(chat('three'))])).toEqual([3 + around, 5 + around]);
    expect(count(chat('four'))).toBe(4 + around);
    expect(loads).toBe(1);
  });

  it('tries again when loading has failed', async () => {
    const outcomes = [new Error('no file'), new Error('still none'), null];
    let loads = 0;
    const count = chatCounter(async () => {
      const outcome = outcomes[loads++];
      if (outcome instanceof Error) throw outcome;
      return (text) => text.length;
    });
    // those who wait for one load share its failure
    const both = await Promise.allSettled([count(chat('a')), count(chat('b'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(loads).toBe(1);
    await expect(count(chat('a'))).rejects.toThrow('still none');
    expect(await count(chat('a'))).toBe(1 + around);
    expect([count(chat('a')), loads]).toEqual([1 + around, 3]);
  });

  it('takes a load that throws at once as one that fails', async () => {
    let isFirst = true;
    const count = chatCounter(() => {
      if (!isFirst) return Promise.resolve(() => 1);
      isFirst = false;
      throw new Error('not installed');
    });
    await expect(Promise.resolve(count(chat('a')))).rejects.toThrow('not installed');
    expect(await count(chat('a'))).toBe(1 + around);
  });
});
