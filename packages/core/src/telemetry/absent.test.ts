import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ContextManager, context, metrics, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { registerOtel, unregisterOtel } from '../../test/otel.js';
import { fails, failure, says, saysThenFails, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { Answer } from '../flow/answer.js';
import { EventHub } from '../flow/event-hub.js';
import { type LiveCall, newCallState } from '../flow/live-call.js';
import { callSpan } from '../stages/call-span.js';
import type { OtelRegistry } from './otel-api.js';
import { Telemetry } from './telemetry.js';

afterEach(unregisterOtel);

const registryKey = Symbol.for('opentelemetry.js.api.1');

describe('without anything registered', () => {
  it('calls work, nothing is exported and nothing is warned about', async () => {
    const warnings: unknown[] = [];
    const vibe = createVibe({ plugins: [scripted(says('a'))] });
    vibe.on('warning', ({ warning }) => warnings.push(warning));
    expect((await vibe.generate({ model: 'acme-1', prompt: 'Hi' })).warnings).toMatchObject([{ code: 'unpriced' }]);
    expect(warnings).toMatchObject([{ code: 'unpriced' }]);
  });

  it('the stage is not there: the next one’s answer is handed out as it is', () => {
    const telemetry = new Telemetry('v1.41', new EventHub());
    const call = { state: newCallState() } as LiveCall;
    const source = { next: async () => [], leave: () => undefined };
    const answer = Promise.resolve(new Answer(source, call.state.endings));
    expect(callSpan(telemetry)(() => answer)(call)).toBe(answer);
  });

  it('nothing listens to the events of calls', async () => {
    const events = new EventHub();
    let observed = 0;
    events.observe = () => void observed++;
    const telemetry = new Telemetry('v1.41', events);
    const call = { state: newCallState() } as LiveCall;
    expect(telemetry.startCall(call)).toBeNull();
    expect(observed).toBe(0);
  });

  it('only a context manager is nothing either', async () => {
    const otel = registerOtel({ tracing: false, metering: false });
    await createVibe({ plugins: [scripted(says('a'))] }).generate({ model: 'acme-1', prompt: 'Hi' });
    expect(otel.spans()).toEqual([]);
  });

  it('no file of core imports a package, so none can be missing', () => {
    const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file),
    );
    const importing = files.filter((file) => readFileSync(join(folder, file), 'utf8').includes(`'@opentelemetry`));
    expect(files.length).toBeGreaterThan(50);
    expect(importing).toEqual([]);
  });
});

describe('what is registered', () => {
  it('is found when it comes after the client, and forgotten when it goes', async () => {
    const vibe = createVibe({ plugins: [scripted(says('a'))] });
    const call = () => vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    await call();
    const otel = registerOtel();
    await call();
    expect(otel.spans().map(({ name }) => name)).toEqual(['chat acme-1', 'vibe.generate']);
    unregisterOtel();
    await call();
    expect(otel.spans()).toHaveLength(2);
    const second = registerOtel();
    await call();
    expect([otel.spans().length, second.spans().length]).toEqual([2, 2]);
  });

  it('has, in the package of today, the shape this package expects', () => {
    registerOtel();
    const registry = (globalThis as { [registryKey]?: OtelRegistry })[registryKey];
    expect(registry?.trace).toBe(trace.getTracerProvider());
    expect(registry?.metrics).toBe(metrics.getMeterProvider());
    expect(registry?.context?.active()).toBe(context.active());
    // The compiler compares every method that is used.
    const shapes: OtelRegistry = { trace: trace.getTracerProvider(), metrics: metrics.getMeterProvider() };
    const contexts: (manager: ContextManager) => OtelRegistry['context'] = (manager) => manager;
    expect([shapes, contexts]).toBeDefined();
  });

  it('may sample nothing: metrics still count', async () => {
    const otel = registerOtel({ sampler: new AlwaysOffSampler() });
    await createVibe({ plugins: [scripted(says('a')), testPrices] }).generate({ model: 'acme-1', prompt: 'Hi' });
    expect(otel.spans()).toEqual([]);
    expect(await otel.points('vibe.cost')).toHaveLength(1);
  });

  it('may throw: the call does not notice, and one warning says so', async () => {
    const broken = {
      getTracer: () => {
        throw new Error('no exporter');
      },
    };
    (globalThis as { [registryKey]?: unknown })[registryKey] = { version: '1.9.0', trace: broken };
    try {
      const vibe = createVibe({ plugins: [scripted(says('a')), testPrices] });
      const warnings: string[] = [];
      vibe.on('warning', ({ warning }) => warnings.push(`${warning.code} ${warning.message}`));
      for (const prompt of ['a', 'b']) expect((await vibe.generate({ model: 'acme-1', prompt })).text).toBe('a');
      expect(warnings).toEqual(['telemetry_failed OpenTelemetry failed: no exporter']);
    } finally {
      delete (globalThis as { [registryKey]?: unknown })[registryKey];
    }
  });
});

describe('what is exported', () => {
  it('has nothing that the caller, the model or an error has said, and no key', async () => {
    const secret = 'PLANTED';
    const otel = registerOtel();
    const plugins = [
      scripted(
        [
          fails('provider_unavailable', `${secret} in a provider's message`, { retryable: true, details: { secret } }),
          fails('auth', `${secret} sk-${secret}1234567`),
          saysThenFails([secret], 'content_filtered', secret),
        ],
        { endpoints: ['one', 'two'].map((id) => ({ id, region: 'global' })) },
      ),
      testPrices,
    ];
    const vibe = createVibe(
      { plugins, budgets: [{ window: 'day', limitUsd: 1, tags: { user: '*' } }] },
      { random: () => 0 },
    );
    const request = {
      model: 'acme-1',
      system: secret,
      messages: [{ role: 'user', content: secret }],
      prompt: secret,
      stop: [secret],
      tags: { user: secret },
      tools: [{ name: secret, description: secret, input: { type: 'object' } }],
      idempotencyKey: secret,
      providerOptions: { acme: { key: secret } },
      output: { type: 'object', description: secret },
    } as const;
    await failure(vibe.generate(request));
    const blocked = createVibe({ plugins, budgets: [{ window: 'day', limitUsd: 0, tags: { user: '*' } }] });
    await failure(blocked.generate(request));
    const exported = await otel.everything();
    expect(otel.spans().map(({ name }) => name)).toEqual([
      ...['chat acme-1', 'chat acme-1', 'chat acme-1', 'vibe.generate', 'vibe.generate'],
    ]);
    expect(exported).toContain('content_filtered');
    expect(exported).toContain('vibe.cost');
    expect(exported).not.toContain(secret);
  });
});
