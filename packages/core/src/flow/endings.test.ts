import { describe, expect, it } from 'vitest';
import { VibeError } from '../errors/vibe-error.js';
import { Endings, outcomeOf } from './endings.js';

describe('the endings of a call', () => {
  it('run once, the last first, and each waits for the one before', async () => {
    const endings = new Endings();
    const log: string[] = [];
    endings.push(({ status }) => void log.push(`hold ${status}`));
    endings.push(async ({ status }) => {
      await new Promise(setImmediate);
      log.push(`permit ${status}`);
    });
    const outcome = outcomeOf(new VibeError('timeout', 'late'));
    await endings.unwind(0, outcome);
    await endings.unwind(0, outcome);
    expect(log).toEqual(['permit error', 'hold error']);
  });

  it('stay below the height of whoever tries again', async () => {
    const endings = new Endings();
    const log: string[] = [];
    endings.push(() => void log.push('hold'));
    const { height } = endings;
    for (const attempt of [1, 2]) {
      endings.push(() => void log.push(`permit ${attempt}`));
      await endings.unwind(height, { status: 'cancelled' });
    }
    expect(log).toEqual(['permit 1', 'permit 2']);
    expect(endings.height).toBe(1);
  });

  it('all run when one of them throws, which is then told', async () => {
    const endings = new Endings();
    const log: string[] = [];
    endings.push(() => void log.push('hold'));
    endings.push(() => {
      throw new Error('first');
    });
    endings.push(() => Promise.reject(new Error('innermost')));
    await expect(endings.unwind(0, { status: 'cancelled' })).rejects.toThrow('innermost');
    expect(log).toEqual(['hold']);
  });

  it('know a cancelled call from a failed one', () => {
    expect(outcomeOf(new VibeError('cancelled', 'gone')).status).toBe('cancelled');
    expect(outcomeOf(new VibeError('auth', 'no')).status).toBe('error');
  });
});
