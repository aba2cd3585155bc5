import { describe, expect, it } from 'vitest';
import { Cancellation } from './cancellation.js';
import { abortSourceOf, withLazySignal } from './lazy-signal.js';

function cancellable() {
  const cancellation = new Cancellation();
  return { cancellation, call: withLazySignal({ id: 'call-1' }, cancellation) };
}

describe('a signal that is made when somebody reads it', () => {
  it('is a field for whoever copies the object', () => {
    const { cancellation, call } = cancellable();
    const copy = { ...call };
    cancellation.abort(new Error('enough'));
    expect(copy.signal).toBe(call.signal);
    expect(copy.signal.aborted).toBe(true);
    expect(Object.keys(call)).toEqual(['id', 'signal']);
  });

  it('is that of the object behind a proxy or a derived object', () => {
    const { cancellation, call } = cancellable();
    expect(new Proxy(call, {}).signal).toBe(cancellation.signal);
    expect(Object.create(call).signal).toBe(cancellation.signal);
  });
});

describe('the abort source of a call', () => {
  it('tells functions and objects of the abort, once, in order, and not those who were taken back', () => {
    const { cancellation, call } = cancellable();
    const source = abortSourceOf(call);
    const told: string[] = [];
    const left = () => told.push('left');
    source.addEventListener('abort', () => told.push(`function ${source.reason}`), { once: true });
    source.addEventListener('abort', left);
    source.addEventListener('abort', { handleEvent: () => told.push('object') });
    source.removeEventListener('abort', left);
    expect(source.aborted).toBe(false);
    cancellation.abort('enough');
    cancellation.abort('again');
    expect(told).toEqual(['function enough', 'object']);
    expect(source.aborted).toBe(true);
  });

  it.each([
    ['its copy', (call: { signal: AbortSignal }, signal: AbortSignal) => ({ ...call, signal })],
    ['a derived object', (call: object, signal: AbortSignal) => Object.create(call, { signal: { value: signal } })],
    [
      'a proxy',
      (call: object, signal: AbortSignal) =>
        new Proxy(call, { get: (target, name) => (name === 'signal' ? signal : Reflect.get(target, name)) }),
    ],
  ])('is the other signal that was put into %s', (_, replaced) => {
    const { call } = cancellable();
    const other = new AbortController().signal;
    expect(abortSourceOf(replaced(call, other))).toBe(other);
  });

  it('is the signal of a call that somebody else than the client makes', () => {
    const { signal } = new AbortController();
    expect(abortSourceOf({ signal })).toBe(signal);
  });
});
