import { describe, expect, it } from 'vitest';
import { Circuits } from './circuits.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' };
const options = { failures: 1, cooldownMs: 100 };

function watched() {
  const changes: string[] = [];
  const circuits = new Circuits(options, ({ from, to, adopted }) => {
    changes.push(`${from} to ${to}${adopted ? ', adopted' : ''}`);
  });
  const learn = (openUntilMs: number, atMs: number) =>
    circuits.learn(new Map([[Circuits.keyOf(target), { state: 'open', openUntilMs, atMs }]]));
  return { circuits, changes, learn };
}

describe('the changes of a circuit', () => {
  it('are told once each, however often it is looked at while its own news come back', () => {
    const { circuits, changes, learn } = watched();
    circuits.enter(target, 0);
    circuits.failure(target, false, 0);
    learn(100, 0);
    for (const nowMs of [50, 100, 150, 200]) circuits.status(target, nowMs);
    expect(changes).toEqual(['closed to open']);
    expect(circuits.enter(target, 200)).toEqual({ admitted: true, probe: true });
    expect(circuits.enter(target, 201)).toEqual({ admitted: false, retryAfterMs: 0 });
    expect(changes).toEqual(['closed to open', 'open to half_open']);
    circuits.success(target, true, 210);
    expect(changes).toEqual(['closed to open', 'open to half_open', 'half_open to closed']);
  });

  it('in another process are adopted once, also when they are met after their time', () => {
    const { circuits, changes, learn } = watched();
    learn(100, 0);
    for (const nowMs of [300, 301]) expect(circuits.status(target, nowMs)).toBe('half_open');
    expect(changes).toEqual(['closed to open, adopted']);
    circuits.enter(target, 302);
    expect(changes).toEqual(['closed to open, adopted', 'open to half_open']);
  });

  it('are no reason to wait until the clock is there again that was set back', () => {
    const hourMs = 3_600_000;
    const { circuits, learn } = watched();
    circuits.enter(target, hourMs);
    circuits.failure(target, false, hourMs);
    expect(circuits.enter(target, hourMs + 50)).toMatchObject({ admitted: false });
    learn(2 * hourMs, hourMs);
    expect(circuits.enter(target, 0)).toEqual({ admitted: true, probe: true });
    circuits.success(target, true, 10);
    expect(circuits.status(target, 20)).toBe('closed');
    const other = watched();
    other.learn(2 * hourMs, hourMs);
    expect(other.circuits.status(target, 0)).toBe('closed');
  });
});
