import { context, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { inSpan, instrumented, registerOtel, unregisterOtel } from '../../test/otel.js';
import { resultOf, says, scripted } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { Middleware } from '../spec/middleware.js';

afterEach(unregisterOtel);

/** A provider whose HTTP client is instrumented: before its first wait, after it, and after a delta. */
const overHttp = scripted(async function* () {
  instrumented('connect');
  await new Promise(setImmediate);
  instrumented('headers');
  yield { type: 'delta', part: { type: 'text', text: 'a' }, text: 'a' };
  instrumented('body');
  yield { type: 'final', result: resultOf('a', 1) };
});

function parentOf(otel: ReturnType<typeof registerOtel>, name: string): string | undefined {
  const parentId = otel.span(name).parentSpanContext?.spanId;
  return otel.spans().find((span) => span.spanContext().spanId === parentId)?.name;
}

describe('the parent of a span', () => {
  it('is for a call the span that is active where generate() is called', async () => {
    const otel = registerOtel();
    const vibe = createVibe({ plugins: [scripted(says('a'))] });
    await inSpan('request', () => vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    expect(parentOf(otel, 'vibe.generate')).toBe('request');
    expect(parentOf(otel, 'chat acme-1')).toBe('vibe.generate');
  });

  it('is for a stream the span that is active where stream() is called, also when it is read elsewhere', async () => {
    const otel = registerOtel();
    const vibe = createVibe({ plugins: [scripted(says('a'))] });
    const stream = await inSpan('request', () => vibe.stream({ model: 'acme-1', prompt: 'Hi' }));
    expect(trace.getSpan(context.active())).toBeUndefined();
    await stream.final();
    expect(parentOf(otel, 'vibe.generate')).toBe('request');
  });

  it('is for a stream that is read in a span of its own that span', async () => {
    const otel = registerOtel();
    const vibe = createVibe({ plugins: [scripted(says('a'))] });
    const stream = await inSpan('request', () => vibe.stream({ model: 'acme-1', prompt: 'Hi' }));
    await inSpan('reader', () => stream.final());
    expect(parentOf(otel, 'vibe.generate')).toBe('reader');
  });

  it('is nothing where no span is active', async () => {
    const otel = registerOtel();
    await createVibe({ plugins: [scripted(says('a'))] }).generate({ model: 'acme-1', prompt: 'Hi' });
    expect(otel.span('vibe.generate').parentSpanContext).toBeUndefined();
  });

  it('is for what the provider does the attempt, whenever it does it', async () => {
    const otel = registerOtel();
    const vibe = createVibe({ plugins: [overHttp] });
    await inSpan('request', async () => {
      for await (const event of vibe.stream({ model: 'acme-1', prompt: 'Hi' })) void event;
    });
    for (const name of ['connect', 'headers', 'body']) expect(parentOf(otel, name)).toBe('chat acme-1');
  });

  it('is for the consumer of a stream still its own', async () => {
    const otel = registerOtel();
    const vibe = createVibe({ plugins: [overHttp] });
    await inSpan('request', async () => {
      for await (const event of vibe.stream({ model: 'acme-1', prompt: 'Hi' })) instrumented(`saw ${event.type}`);
    });
    for (const name of ['saw delta', 'saw final']) expect(parentOf(otel, name)).toBe('request');
  });

  it('is for each entry of a middleware that repeats a call the span of the caller', async () => {
    const otel = registerOtel();
    const twice: Middleware = (next) =>
      async function* (call) {
        for await (const event of next(call)) void event;
        yield* next(call);
      };
    const vibe = createVibe({ plugins: [scripted(says('a'))], middleware: [twice] });
    await inSpan('request', () => vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    const calls = otel.spans().filter(({ name }) => name === 'vibe.generate');
    const requestId = otel.span('request').spanContext().spanId;
    expect(calls.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([requestId, requestId]);
    expect(new Set(calls.map(({ attributes }) => attributes['vibe.call.id'])).size).toBe(2);
  });

  it('is for an attempt its call, also without a context manager', async () => {
    const otel = registerOtel({ contexts: false });
    await createVibe({ plugins: [overHttp] }).generate({ model: 'acme-1', prompt: 'Hi' });
    expect(parentOf(otel, 'chat acme-1')).toBe('vibe.generate');
    expect(parentOf(otel, 'connect')).toBeUndefined();
  });
});
