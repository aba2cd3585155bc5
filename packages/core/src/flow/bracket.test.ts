import { describe, expect, it } from 'vitest';
import { resultOf } from '../../test/scripted-provider.js';
import { VibeError } from '../errors/vibe-error.js';
import type { ProviderEvent } from '../spec/event.js';
import { bracket } from './bracket.js';

const delta: ProviderEvent = { type: 'delta', part: { type: 'text', text: 'a' }, text: 'a' };
const final: ProviderEvent = { type: 'final', result: resultOf('a', 1) };

async function* events(...list: (ProviderEvent | Error)[]): AsyncGenerator<ProviderEvent> {
  for (const event of list) {
    if (event instanceof Error) throw event;
    yield event;
  }
}

/** What was released, and when relative to the events. */
function watched(...list: (ProviderEvent | Error)[]) {
  const log: string[] = [];
  const bracketed = bracket(events(...list), async ({ status }) => {
    await Promise.resolve();
    log.push(`released ${status}`);
  });
  return { log, bracketed };
}

describe('bracket', () => {
  it('releases once, before final is handed out', async () => {
    const { log, bracketed } = watched(delta, final);
    for await (const event of bracketed) log.push(event.type);
    expect(log).toEqual(['delta', 'released final', 'final']);
  });

  it('releases once when the consumer takes final and leaves', async () => {
    const { log, bracketed } = watched(final, delta);
    for await (const event of bracketed) if (event.type === 'final') break;
    expect(log).toEqual(['released final']);
  });

  it('releases as cancelled when the consumer leaves early', async () => {
    const { log, bracketed } = watched(delta, final);
    for await (const _ of bracketed) break;
    expect(log).toEqual(['released cancelled']);
  });

  it('releases with the error, and once only when the error comes after final', async () => {
    const failed = watched(delta, new VibeError('timeout', 'late'));
    await expect(failed.bracketed.next().then(() => failed.bracketed.next())).rejects.toThrow('late');
    expect(failed.log).toEqual(['released error']);
    const after = watched(final, new VibeError('timeout', 'late'));
    await expect(after.bracketed.next().then(() => after.bracketed.next())).rejects.toThrow('late');
    expect(after.log).toEqual(['released final']);
  });
});
