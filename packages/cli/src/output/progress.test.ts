import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeSession, fakeWorld } from '../testing.js';
import { progress } from './progress.js';

const target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' };

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

function shown(flags = {}, given: Parameters<typeof fakeWorld>[0] = {}) {
  const world = fakeWorld({ now: Date.now, ...given });
  return { world, line: progress(fakeSession(flags, world)) };
}

describe('the line that moves', () => {
  it('comes after 300 ms, says how long, and goes without a trace', () => {
    const { world, line } = shown();
    line.say('painting a picture');
    vi.advanceTimersByTime(250);
    expect(world.written.err).toBe('');
    vi.advanceTimersByTime(100);
    expect(world.written.err).toBe('\r\u001b[K⠙ painting a picture · 0.30 s');
    line.stop();
    expect(world.written.err.endsWith('\r\u001b[K')).toBe(true);
    const before = world.written.err;
    vi.advanceTimersByTime(1_000);
    expect(world.written.err).toBe(before);
    expect(world.written.out).toBe('');
  });

  it('counts down to a free slot', () => {
    const { world, line } = shown();
    line.say('thinking');
    line.waitFor(target, 12_400);
    vi.advanceTimersByTime(2_400);
    expect(world.written.err).toContain('waiting 10.0 s for the rate limit of qwen-plus @ qwen/cn · Ctrl-C stops');
    vi.advanceTimersByTime(10_000);
    expect(world.written.err.endsWith('waiting for the answer')).toBe(true);
    line.stop();
  });

  it('fits the terminal', () => {
    const { world, line } = shown({}, { columns: 30 });
    line.say('a very long description of what is going on');
    vi.advanceTimersByTime(400);
    const drawn = world.written.err.split('\r\u001b[K').at(-1) ?? '';
    expect(drawn.length).toBeLessThanOrEqual(30);
    line.stop();
  });

  it.each([
    ['a pipe', {}, { isTTY: false }],
    ['--json', { json: true }, {}],
    ['--quiet', { quiet: true }, {}],
    ['--plain', { plain: true }, {}],
    ['a dumb terminal', {}, { env: { TERM: 'dumb' } }],
  ])('is not there for %s', (_what, flags, given) => {
    const { world, line } = shown(flags, given);
    line.say('thinking');
    vi.advanceTimersByTime(5_000);
    line.stop();
    expect(line.isShown).toBe(false);
    expect(world.written.err).toBe('');
  });
});
