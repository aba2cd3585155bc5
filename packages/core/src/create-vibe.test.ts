import { getEventListeners } from 'node:events';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  fails,
  failure,
  hangs,
  resultOf,
  says,
  saysThenFails,
  saysThenHangs,
  scripted,
  testPrices,
  throws,
} from '../test/scripted-provider.js';
import { createVibe } from './create-vibe.js';
import { memoryLedger } from './defaults/memory-ledger.js';
import { memoryLimiter } from './defaults/memory-limiter.js';
import { VibeError } from './errors/vibe-error.js';
import type { StreamEvent } from './spec/event.js';
import type { Ledger, Settlement } from './spec/ledger.js';
import type { AcquireOptions, Limiter } from './spec/limiter.js';
import type { Call } from './spec/middleware.js';
import type { VibeOptions } from './spec/options.js';

/** A real ledger that also remembers what it was told. */
function recordingLedger(): Ledger & { settlements: [string, Settlement][]; held: number[] } {
  const ledger = memoryLedger();
  const settlements: [string, Settlement][] = [];
  const held: number[] = [];
  return {
    ...ledger,
    settlements,
    held,
    async hold(request) {
      const hold = await ledger.hold(request);
      held.push(hold.amountNanoUsd);
      return hold;
    },
    async settle(callId, settlement) {
      settlements.push([callId, settlement]);
      await ledger.settle(callId, settlement);
    },
  };
}

const instant = { random: () => 0 };
const budgets = [{ window: 'day', limitUsd: 5 }] as const;

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function client(provider: ReturnType<typeof scripted>, options: Partial<VibeOptions> = {}) {
  const ledger = recordingLedger();
  const vibe = createVibe(
    { budgets, ...options, plugins: [provider, testPrices, ledger, ...(options.plugins ?? [])] },
    instant,
  );
  return { vibe, ledger, provider };
}

describe('a call that works', () => {
  it('answers with text, usage, cost and who served it', async () => {
    const { vibe, ledger } = client(scripted(says('Hello', ' world')));
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(response.text).toBe('Hello world');
    expect(response.status).toBe('ok');
    expect(response.usage).toEqual({
      quantities: { input_token: 10, output_token: 2 },
      unknown: false,
      source: 'provider',
    });
    // 10 × 1,000 + 2 × 2,000 nano-USD
    expect(response.cost.actualNanoUsd).toBe(14_000);
    expect(response.cost.actualUsd).toBe(0.000014);
    expect(response.providerMeta).toEqual({
      provider: 'acme',
      profile: 'default',
      endpoint: 'main',
      region: 'global',
      model: 'acme-1',
      servedModel: 'acme-1-0001',
      requestId: 'request-1',
    });
    expect(response.attempts).toHaveLength(1);
    expect(ledger.settlements).toHaveLength(1);
    expect(ledger.settlements[0]?.[1]).toMatchObject({ status: 'ok', actualNanoUsd: 14_000 });
    expect((await vibe.budgets())[0]).toMatchObject({ spentNanoUsd: 14_000, heldNanoUsd: 0 });
  });

  it('holds the worst case before the provider is called', async () => {
    const provider = scripted(async function* () {
      const [state] = await vibe.budgets();
      yield { type: 'final', result: resultOf(String(state?.heldNanoUsd), 1) };
    });
    const { vibe, ledger } = client(provider);
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi', maxOutputTokens: 100 });
    expect(Number(response.text)).toBe(ledger.held[0]);
    expect(ledger.held[0]).toBeGreaterThanOrEqual(100 * 2_000);
    expect(provider.calls[0]?.request).toMatchObject({ maxOutputTokens: 100 });
  });

  it("sends the model's own cap when none is given", async () => {
    const { vibe, provider } = client(scripted(says('x')));
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(provider.calls[0]?.request).toMatchObject({ maxOutputTokens: 1_000 });
  });

  it('streams deltas, then one final whose row is already written', async () => {
    const { vibe, ledger } = client(scripted(says('a', 'b')));
    const events = [];
    for await (const event of vibe.stream({ model: 'acme-1', prompt: 'Hi' })) {
      events.push(event.type);
      if (event.type === 'final') expect(ledger.settlements).toHaveLength(1);
    }
    expect(events).toEqual(['delta', 'delta', 'final']);
  });

  it('gives the text alone, and the response by final()', async () => {
    const { vibe } = client(scripted(says('a', 'b')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    let text = '';
    for await (const piece of stream.text) text += piece;
    expect(text).toBe('ab');
    expect((await stream.final()).text).toBe('ab');
  });

  it('drains by final() when nobody iterates', async () => {
    const { vibe } = client(scripted(says('a', 'b')));
    expect((await vibe.stream({ model: 'acme-1', prompt: 'Hi' }).final()).text).toBe('ab');
  });

  it('refuses a second iteration', async () => {
    const { vibe } = client(scripted(says('a')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    await collect(stream);
    expect(() => stream[Symbol.asyncIterator]()).toThrow(/read already/);
  });

  it('starts nothing before the first pull', async () => {
    const { vibe, ledger, provider } = client(scripted(says('a')));
    vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    await vibe.flush();
    expect([provider.calls.length, ledger.held.length]).toEqual([0, 0]);
  });
});

describe('a call that is cut short', () => {
  it('settles a break as cancelled with the full input and what arrived', async () => {
    const { vibe, ledger, provider } = client(scripted(saysThenHangs('Hello', ' world')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    for await (const event of stream) if (event.type === 'delta') break;
    expect(ledger.settlements).toHaveLength(1);
    const [, settlement] = ledger.settlements[0] as [string, Settlement];
    expect(settlement.status).toBe('cancelled');
    expect(settlement.usage).toMatchObject({ unknown: true, source: 'partial' });
    expect(settlement.usage?.quantities.input_token).toBeGreaterThan(0);
    expect(settlement.usage?.quantities.output_token).toBe(2);
    const response = await stream.final();
    expect(response).toMatchObject({ status: 'cancelled', text: 'Hello', finishReason: 'cancelled' });
    expect(response.cost.actualNanoUsd).toBe(settlement.actualNanoUsd);
    expect(provider.open.size).toBe(0);
    expect((await vibe.budgets())[0]).toMatchObject({ spentNanoUsd: settlement.actualNanoUsd, heldNanoUsd: 0 });
  });

  it('resolves cancel() when the row is written, while another reader waits for the next event', async () => {
    const { vibe, ledger } = client(scripted(saysThenHangs('Hello')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    await stream.cancel('enough');
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
    expect(await waiting).toMatchObject({ value: { type: 'final', response: { status: 'cancelled' } } });
    expect((await iterator.next()).done).toBe(true);
  });

  it("rejects with cancelled when the caller's signal aborts, and says what was spent", async () => {
    const { vibe, ledger } = client(scripted(saysThenHangs('Hello')));
    const controller = new AbortController();
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort('user left');
    expect(await iterator.next()).toMatchObject({ value: { type: 'error', error: { code: 'cancelled' } } });
    const error = await failure(iterator.next());
    expect(error.cost?.actualNanoUsd).toBeGreaterThan(0);
    expect(await failure(stream.final())).toBe(error);
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
  });

  it('ends with an error of its own when the reason is how another call has failed', async () => {
    const { vibe, ledger } = client(scripted(saysThenHangs('Hello')));
    const controller = new AbortController();
    const request = { model: 'acme-1', prompt: 'Hi', signal: controller.signal };
    const iterators = [1, 2].map(() => vibe.stream(request)[Symbol.asyncIterator]());
    for (const iterator of iterators) await iterator.next();
    const reason = new VibeError('provider_unavailable', 'another call has failed');
    controller.abort(reason);
    const errors: VibeError[] = [];
    for (const iterator of iterators) errors.push(await failure(iterator.next().then(() => iterator.next())));
    errors.push(await failure(vibe.generate(request)));
    expect(errors.map(({ code, cause }) => [code, cause])).toEqual(Array(3).fill(['cancelled', reason]));
    expect(new Set(errors.map(({ callId }) => callId)).size).toBe(3);
    expect(reason).toMatchObject({ callId: undefined, cost: null });
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled', 'cancelled']);
  });

  it('sends nothing when the signal was aborted before, and leaves a row', async () => {
    const { vibe, provider } = client(scripted(says('a')));
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', signal: AbortSignal.abort('no') }));
    expect(error.code).toBe('cancelled');
    expect(provider.calls).toHaveLength(0);
    expect((await vibe.report()).totals).toMatchObject({ cancelled: 1, attempts: 0 });
  });

  it('aborts a wait between attempts at once', async () => {
    const provider = scripted(fails('provider_unavailable', 'down', { retryAfterMs: 20_000 }));
    const { vibe, ledger } = client(provider);
    const controller = new AbortController();
    vibe.on('retry', () => controller.abort());
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', signal: controller.signal }));
    expect(error.code).toBe('cancelled');
    expect(ledger.settlements).toHaveLength(1);
    expect(error.attempts).toHaveLength(1);
  });

  it('reads on after a break with onCancel drain, so that usage is exact', async () => {
    const { vibe, ledger } = client(scripted(says('a', 'b', 'c')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', onCancel: 'drain' });
    for await (const event of stream) if (event.type === 'delta') break;
    const response = await stream.final();
    expect(response.status).toBe('cancelled');
    expect(response.usage).toMatchObject({ quantities: { output_token: 3 }, unknown: false, source: 'provider' });
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
  });

  it('settles an answer that nobody reads any more after idleMs', async () => {
    const { vibe, ledger, provider } = client(scripted(saysThenHangs('a', 'b')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', timeout: { idleMs: 5 } });
    const settled = new Promise((resolve) => vibe.on('settle', resolve));
    await stream[Symbol.asyncIterator]().next();
    await settled;
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
    expect(provider.open.size).toBe(0);
  });

  it('names the timeout that ended it', async () => {
    const first = client(scripted(saysThenHangs()), { defaults: { retry: { attempts: 1 } } });
    expect(
      (await failure(first.vibe.generate({ model: 'acme-1', prompt: 'x', timeout: { firstChunkMs: 5 } }))).message,
    ).toContain('timeout.firstChunkMs');
    const chunk = client(scripted(saysThenHangs('a')));
    expect(
      (await failure(chunk.vibe.generate({ model: 'acme-1', prompt: 'x', timeout: { chunkMs: 5 } }))).message,
    ).toContain('timeout.chunkMs');
    const total = client(scripted(saysThenHangs('a')));
    const error = await failure(total.vibe.generate({ model: 'acme-1', prompt: 'x', timeout: { totalMs: 5 } }));
    expect([error.code, error.message]).toEqual(['timeout', expect.stringContaining('timeout.totalMs')]);
    expect(total.ledger.settlements[0]?.[1]).toMatchObject({ status: 'failed', errorCode: 'timeout' });
  });

  it('believes a provider that says what a timeout means for its work', async () => {
    const accepted = scripted(async function* ({ signal }) {
      yield { type: 'usage', usage: { quantities: {}, unknown: true, source: 'partial' } };
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () =>
          reject(new VibeError('timeout', 'The task was accepted.', { retryable: false, mayBeBilled: true })),
        );
      });
    });
    const { vibe, ledger, provider } = client(accepted);
    const asked = { model: 'acme-1', prompt: 'Hi', timeout: { chunkMs: 10 } };
    expect(await failure(vibe.generate(asked))).toMatchObject({ code: 'timeout', message: 'The task was accepted.' });
    expect(provider.calls).toHaveLength(1);
    expect(ledger.settlements).toMatchObject([[expect.any(String), { status: 'failed', errorCode: 'timeout' }]]);
  });

  it('lets go of a provider that does not hear its signal', async () => {
    const deaf = scripted(hangs());
    const { vibe, ledger } = client(deaf);
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    const waiting = stream[Symbol.asyncIterator]().next();
    await new Promise<void>((resolve) => void vibe.on('hold', () => setImmediate(resolve)));
    await stream.cancel();
    expect(await waiting).toMatchObject({ value: { type: 'final', response: { status: 'cancelled' } } });
    expect(ledger.settlements).toHaveLength(1);
  });

  it('settles everything that runs when the client is closed', async () => {
    const { vibe, ledger } = client(scripted(saysThenHangs('a')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    await stream[Symbol.asyncIterator]().next();
    await vibe.close();
    await vibe.close();
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
    expect((await stream.final()).status).toBe('cancelled');
    expect((await failure(vibe.generate({ prompt: 'x' }))).message).toContain('closed');
  });
});

describe('a call that fails', () => {
  it('repeats what the table repeats, on the same candidate, and reports every attempt', async () => {
    const { vibe, ledger, provider } = client(
      scripted([fails('provider_unavailable', 'busy', { status: 503 }), says('ok')]),
    );
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(response.text).toBe('ok');
    expect(
      response.attempts.map(({ attempt, status, errorCode, actualNanoUsd }) => ({
        attempt,
        status,
        errorCode,
        actualNanoUsd,
      })),
    ).toEqual([
      { attempt: 1, status: 'failed', errorCode: 'provider_unavailable', actualNanoUsd: 0 },
      { attempt: 2, status: 'ok', errorCode: null, actualNanoUsd: 12_000 },
    ]);
    expect(provider.calls).toHaveLength(2);
    expect(ledger.settlements).toHaveLength(1);
  });

  it.each([
    'invalid_request',
    'auth',
    'model_not_found',
    'context_length',
    'content_filtered',
    'provider_rejected',
  ] as const)('makes exactly one request for %s on a fixed target', async (code) => {
    const { vibe, provider } = client(scripted(fails(code, 'no')));
    expect((await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }))).code).toBe(code);
    expect(provider.calls).toHaveLength(1);
  });

  it('never makes more physical requests than retry.attempts, over all candidates', async () => {
    const provider = scripted(fails('provider_unavailable', 'down'), {
      endpoints: [
        { id: 'a', region: 'cn' },
        { id: 'b', region: 'sg' },
      ],
    });
    const { vibe } = client(provider, { breaker: { failures: 100 } });
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', retry: { attempts: 5 } }));
    expect(error.code).toBe('provider_unavailable');
    expect(provider.calls).toHaveLength(5);
    expect(error.attempts).toHaveLength(5);
  });

  it('goes to the next candidate when the table says so', async () => {
    const provider = scripted([fails('model_not_found', 'not here'), says('there')], {
      endpoints: [
        { id: 'a', region: 'cn' },
        { id: 'b', region: 'sg' },
      ],
    });
    const { vibe } = client(provider);
    const told: string[] = [];
    vibe.on('failover', ({ from, to }) => told.push(`${from.endpoint}>${to.endpoint}`));
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(response.providerMeta.endpoint).toBe('b');
    expect(told).toEqual(['a>b']);
  });

  it('warns when it fails over from a refused key', async () => {
    const provider = scripted([fails('auth', 'bad key'), says('there')], {
      endpoints: [
        { id: 'a', region: 'cn' },
        { id: 'b', region: 'sg' },
      ],
    });
    const response = await client(provider).vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(response.warnings.map(({ code }) => code)).toEqual(['auth']);
  });

  it('repeats nothing once the caller has seen a delta', async () => {
    const { vibe, provider, ledger } = client(scripted(saysThenFails(['half an'], 'stream_truncated', 'cut')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    const events: string[] = [];
    const error = await failure(
      (async () => {
        for await (const event of stream) events.push(event.type);
      })(),
    );
    expect(events).toEqual(['delta', 'error']);
    expect(error.code).toBe('stream_truncated');
    expect(provider.calls).toHaveLength(1);
    expect(ledger.settlements[0]?.[1]).toMatchObject({
      status: 'failed',
      errorCode: 'stream_truncated',
      usage: { source: 'partial', unknown: true },
    });
  });

  it('does not fail over once the caller has seen a delta', async () => {
    const endpoints = [
      { id: 'a', region: 'cn' },
      { id: 'b', region: 'sg' },
    ];
    const { vibe, provider } = client(
      scripted([saysThenFails(['half'], 'stream_truncated', 'cut'), says('other')], { endpoints }),
    );
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    expect((await failure(stream.final())).code).toBe('stream_truncated');
    expect(provider.calls).toHaveLength(1);
  });

  it('gives a half-open probe back when its caller cancels', async () => {
    let nowMs = Date.parse('2026-11-22T00:00:00Z');
    const provider = scripted([fails('provider_unavailable', 'down'), saysThenHangs('probe'), says('up')]);
    const breaker = { failures: 1, cooldownMs: 1_000, probes: 1 };
    const vibe = createVibe(
      { plugins: [provider, testPrices], breaker, defaults: { retry: { attempts: 1 } } },
      { now: () => nowMs },
    );
    await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    nowMs += 1_000;
    for await (const event of vibe.stream({ model: 'acme-1', prompt: 'Hi' })) if (event.type === 'delta') break;
    expect((await vibe.generate({ model: 'acme-1', prompt: 'Hi' })).text).toBe('up');
  });

  it('takes a stream without a final for truncated', async () => {
    const { vibe } = client(
      scripted(async function* () {
        yield { type: 'delta', part: { type: 'text', text: 'half' }, text: 'half' };
      }),
    );
    expect((await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }))).code).toBe('stream_truncated');
  });

  it('keeps the estimate of an attempt that may have been billed, and extends the hold for the next one', async () => {
    const provider = scripted([fails('timeout', 'too slow'), says('ok')]);
    const { vibe, ledger } = client(provider);
    const extended: number[] = [];
    vibe.on('extend', ({ fromNanoUsd, toNanoUsd }) => extended.push(toNanoUsd - fromNanoUsd));
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    const [first, second] = response.attempts;
    expect(first?.usage).toMatchObject({ unknown: true, source: 'estimated' });
    expect(first?.actualNanoUsd).toBe(first?.estimatedNanoUsd);
    expect(extended).toEqual([first?.actualNanoUsd]);
    expect(response.cost.actualNanoUsd).toBe((first?.actualNanoUsd ?? 0) + (second?.actualNanoUsd ?? 0));
    expect(ledger.settlements[0]?.[1].actualNanoUsd).toBe(response.cost.actualNanoUsd);
  });

  it('opens the circuit after the configured failures and then sends nothing', async () => {
    const { vibe, provider } = client(scripted(fails('provider_unavailable', 'down')), {
      breaker: { failures: 3 },
      defaults: { retry: { attempts: 1 } },
    });
    const changes: string[] = [];
    vibe.on('breaker', ({ from, to }) => changes.push(`${from}>${to}`));
    const codes = [];
    for (let call = 0; call < 5; call++)
      codes.push((await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }))).code);
    expect(codes).toEqual([
      'provider_unavailable',
      'provider_unavailable',
      'provider_unavailable',
      'circuit_open',
      'circuit_open',
    ]);
    expect(provider.calls).toHaveLength(3);
    expect(changes).toEqual(['closed>open']);
  });

  it('turns a defect of a provider into internal with its cause', async () => {
    const cause = new TypeError('x is undefined');
    const { vibe } = client(scripted(throws(cause)));
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    expect([error.code, error.cause]).toEqual(['internal', cause]);
  });

  it('is sent without a hold in best effort when the ledger is down, with a warning, and refused in strict mode', async () => {
    const down = () => Promise.reject(new VibeError('ledger_unavailable', 'the file is gone'));
    const provider = scripted(says('sent'));
    const plugins = [provider, testPrices, { ...memoryLedger(), hold: down }];
    const response = await createVibe({ plugins }).generate({ model: 'acme-1', prompt: 'Hi' });
    expect(response.warnings.map(({ code }) => code)).toEqual(['ledger_unavailable']);
    const strict = createVibe({ plugins, mode: 'strict_budget' });
    expect((await failure(strict.generate({ model: 'acme-1', prompt: 'Hi' }))).code).toBe('ledger_unavailable');
    expect(provider.calls).toHaveLength(1);
  });

  it('answers although the ledger fails at the end, with a warning', async () => {
    const ledger: Ledger = {
      ...memoryLedger(),
      settle: () => Promise.reject(new VibeError('ledger_unavailable', 'disk full')),
    };
    const vibe = createVibe({ plugins: [scripted(says('paid')), testPrices, ledger] });
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(response.text).toBe('paid');
    expect(response.warnings).toEqual([{ code: 'ledger_unavailable', message: expect.stringContaining('disk full') }]);
  });
});

describe('money', () => {
  it.each(['best_effort', 'strict_budget'] as const)(
    'refuses what does not fit in %s and sends nothing',
    async (mode) => {
      const { vibe, provider } = client(scripted(says('a')), {
        budgets: [{ id: 'tiny', window: 'day', limitUsd: 0.000001 }],
        mode,
      });
      const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
      expect(error.code).toBe('budget_exceeded');
      expect(error.details).toMatchObject({
        limitUsd: 0.000001,
        spentUsd: 0,
        heldUsd: 0,
        window: 'day',
        budget: { id: 'tiny' },
      });
      expect(error.details['shortfallUsd']).toBeCloseTo((error.details['askedUsd'] as number) - 0.000001, 12);
      expect(provider.calls).toHaveLength(0);
      expect((await vibe.report()).totals).toMatchObject({ blocked: 1, attempts: 0 });
    },
  );

  it('names the place where the budget that refused was written', async () => {
    const plugins = [scripted(says('a')), testPrices];
    const budgets = [{ window: 'day', limitUsd: 0 }] as const;
    const vibe = createVibe({ plugins, budgets }, { budgetOrigins: ['vibe.config.yaml:7'] });
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    expect([error.details['origin'], error.next.join(' ')]).toEqual([
      'vibe.config.yaml:7',
      expect.stringContaining('vibe.config.yaml:7'),
    ]);
  });

  it('never admits more than the limit at once', async () => {
    const gate = deferred();
    const provider = scripted(async function* () {
      await gate.promise;
      yield { type: 'final', result: resultOf('x', 1) };
    });
    // Each call can cost at most 1,000,000 nano-USD more than its input; 20 fit into the limit.
    const { vibe } = client(provider, { mode: 'strict_budget', budgets: [{ window: 'day', limitUsd: 1 }] });
    const request = { model: 'acme-1', prompt: 'Hi', maxOutputTokens: 500 };
    const one = (await vibe.estimate(request)).worstCaseUsd as number;
    const affordable = Math.floor(1 / one);
    const calls = Array.from({ length: 1_000 }, () =>
      vibe.generate(request).then(
        () => 'ok',
        (error: VibeError) => error.code,
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const [state] = await vibe.budgets();
    expect(state?.heldNanoUsd).toBeLessThanOrEqual(1_000_000_000);
    expect(provider.calls.length).toBe(Math.min(1_000, affordable));
    gate.resolve(undefined);
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((code) => code === 'ok')).toHaveLength(provider.calls.length);
    expect((await vibe.budgets())[0]?.heldNanoUsd).toBe(0);
  });

  it('sends an unpriced call in best effort, with a warning and cost null', async () => {
    const { vibe } = client(scripted(says('a'), { models: [{ id: 'acme-unpriced' }] }));
    const response = await vibe.generate({ model: 'acme-unpriced', prompt: 'Hi' });
    expect(response.cost).toMatchObject({ actualUsd: null, actualNanoUsd: null });
    expect(response.warnings.map(({ code }) => code)).toEqual(['unpriced']);
    expect((await vibe.report()).totals.unpriced).toBe(1);
  });

  it.each([
    ['strict_budget', { mode: 'strict_budget' as const }, {}],
    ["onUnpriced: 'refuse'", { onUnpriced: 'refuse' as const }, {}],
    ['maxCostUsd', {}, { maxCostUsd: 1 }],
  ])('refuses an unpriced call with %s', async (_, options, request) => {
    const { vibe, provider } = client(scripted(says('a'), { models: [{ id: 'acme-unpriced' }] }), options);
    expect((await failure(vibe.generate({ model: 'acme-unpriced', prompt: 'Hi', ...request }))).code).toBe('unpriced');
    expect(provider.calls).toHaveLength(0);
  });

  it('refuses an unbounded call in strict mode', async () => {
    const { vibe } = client(scripted(says('a')), { mode: 'strict_budget' });
    const error = await failure(vibe.generate({ model: 'acme/not-in-the-manifest', prompt: 'Hi' }));
    expect([error.code, error.message]).toEqual(['unpriced', expect.stringContaining('maxOutputTokens')]);
  });

  it('takes a dearer route that the budget which refused does not count', async () => {
    const models = [
      { id: 'acme-best', tier: 'premium' },
      { id: 'acme-cheap', tier: 'economy' },
    ] as const;
    const { vibe } = client(scripted(says('a'), { models }), {
      budgets: [{ window: 'day', model: 'acme-cheap', limitUsd: 0 }],
    });
    const request = { prompt: 'Hi', route: 'cheap' } as const;
    const { verdict, routes } = await vibe.estimate(request);
    expect([verdict.allowed, routes[0]?.target.model]).toEqual([true, 'acme-cheap']);
    expect((await vibe.generate(request)).providerMeta.model).toBe('acme-best');
  });

  it('passes over a route that does not fit for one that does, and says so', async () => {
    const provider = scripted(says('a'), {
      models: [
        { id: 'acme-best', tier: 'premium' },
        { id: 'acme-cheap', tier: 'economy' },
      ],
    });
    const { vibe } = client(provider, { budgets: [{ window: 'day', limitUsd: 0.001 }] });
    const told: string[] = [];
    vibe.on('downgrade', ({ from, to }) => told.push(`${from.model}>${to.model}`));
    const response = await vibe.generate({ prompt: 'Hi', route: 'quality' });
    expect(response.providerMeta.model).toBe('acme-cheap');
    expect(response.downgradedFrom?.model).toBe('acme-best');
    expect(told).toEqual(['acme-best>acme-cheap']);
  });

  it('does not downgrade when that is switched off', async () => {
    const provider = scripted(says('a'), {
      models: [
        { id: 'acme-best', tier: 'premium' },
        { id: 'acme-cheap', tier: 'economy' },
      ],
    });
    const { vibe } = client(provider, {
      budgets: [{ window: 'day', limitUsd: 0.001 }],
      router: { downgrade: { allow: false } },
    });
    expect((await failure(vibe.generate({ prompt: 'Hi', route: 'quality' }))).code).toBe('budget_exceeded');
  });

  it('refuses a used idempotency key and names the first call', async () => {
    const { vibe, provider } = client(scripted(says('a')));
    const first = await vibe.generate({ model: 'acme-1', prompt: 'Hi', idempotencyKey: 'order-7' });
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', idempotencyKey: 'order-7' }));
    expect([error.code, error.details['firstCallId']]).toEqual(['invalid_request', first.id]);
    expect(provider.calls).toHaveLength(1);
  });

  it('warns once when a threshold is crossed', async () => {
    const { vibe } = client(scripted(says('a')), { budgets: [{ window: 'day', limitUsd: 0.005, warnAt: [0.1] }] });
    const request = { model: 'acme-1', prompt: 'Hi' };
    const first = await vibe.generate(request);
    const second = await vibe.generate(request);
    expect([first, second].map(({ warnings }) => warnings.map(({ code }) => code))).toEqual([['budget_threshold'], []]);
  });

  it('fails at createVibe with budgets but no prices in strict mode, and warns otherwise', async () => {
    expect(() => createVibe({ plugins: [scripted(says('a'))], budgets, mode: 'strict_budget' })).toThrow(
      /no pricing plugin/,
    );
    const vibe = createVibe({ plugins: [scripted(says('a'))], budgets });
    const warned = new Promise<string>((resolve) => void vibe.on('warning', ({ warning }) => resolve(warning.code)));
    expect(await warned).toBe('no_pricing');
  });
});

describe('routes', () => {
  it('suggests a model when the name is unknown', async () => {
    const error = await failure(client(scripted(says('a'))).vibe.generate({ model: 'acme-2', prompt: 'Hi' }));
    expect([error.code, error.message]).toEqual(['no_route', expect.stringContaining('Did you mean "acme-1"')]);
  });

  it('throws the code that all refusals share, with the name of the missing key', async () => {
    const provider = scripted(says('a'), { endpoints: [{ id: 'main', region: 'cn', hasKey: false }] });
    const error = await failure(client(provider).vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    expect([error.code, error.message]).toEqual(['auth', expect.stringContaining('ACME_KEY_MAIN')]);
  });

  it('keeps a call inside its regions', async () => {
    const provider = scripted(says('a'), {
      endpoints: [
        { id: 'a', region: 'cn' },
        { id: 'b', region: 'sg' },
      ],
    });
    const { vibe } = client(provider, { router: { compliance: [{ tags: { data: 'cn-only' }, regions: ['cn'] }] } });
    expect((await vibe.generate({ model: 'acme-1', prompt: 'x', regions: ['sg'] })).providerMeta.endpoint).toBe('b');
    expect(
      (await vibe.generate({ model: 'acme-1', prompt: 'x', tags: { data: 'cn-only' } })).providerMeta.endpoint,
    ).toBe('a');
    expect(
      (await failure(vibe.generate({ model: 'acme-1', prompt: 'x', tags: { data: 'cn-only' }, regions: ['sg'] }))).code,
    ).toBe('no_route');
  });

  it('keeps every call inside the regions of the client, which a request may narrow but not widen', async () => {
    const endpoints = ['cn', 'sg', 'us'].map((region) => ({ id: region, region }));
    const { vibe } = client(scripted(says('a'), { endpoints }), { regions: ['sg', 'us'] });
    const served = async (regions?: string[]) =>
      (await vibe.generate({ model: 'acme-1', prompt: 'x', ...(regions && { regions }) })).providerMeta.region;
    expect(['sg', 'us']).toContain(await served());
    expect(await served(['us', 'cn'])).toBe('us');
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'x', regions: ['cn'] }));
    expect([error.code, error.message]).toEqual(['no_route', expect.stringContaining('region sg is not allowed')]);
    const nowhere = client(scripted(says('a'), { endpoints }), { regions: [] }).vibe;
    expect((await failure(nowhere.generate({ model: 'acme-1', prompt: 'x' }))).code).toBe('no_route');
  });

  it('plans without sending or writing in a dry run', async () => {
    const { vibe, ledger, provider } = client(scripted(says('a')));
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi', dryRun: true });
    expect(response).toMatchObject({
      status: 'dry_run',
      content: [],
      cost: { actualUsd: null },
      providerMeta: { model: 'acme-1' },
    });
    expect(response.plan).toMatchObject({
      verdict: { allowed: true },
      routes: [{ eligible: true, target: { model: 'acme-1' } }],
    });
    expect([provider.calls.length, ledger.held.length, ledger.settlements.length]).toEqual([0, 0, 0]);
  });

  it('stays dry when the client is, whatever a request says', async () => {
    const { vibe, ledger, provider } = client(scripted(says('a')), { dryRun: true });
    const { status } = await vibe.generate({ model: 'acme-1', prompt: 'Hi', dryRun: false });
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', dryRun: false });
    expect([status, (await stream.final()).status]).toEqual(['dry_run', 'dry_run']);
    expect([provider.calls.length, ledger.held.length, ledger.settlements.length]).toEqual([0, 0, 0]);
  });
});

describe('a first call', () => {
  const begins = (name: string, told: string[]) => ({
    prepare() {
      told.push(name);
      throw new Error('It cannot begin.');
    },
  });

  it('is told to ledger and providers once, before its hold, so that what they need comes up side by side', async () => {
    const told: string[] = [];
    const memory = memoryLedger();
    const ledger: Ledger = {
      ...memory,
      ...begins('ledger', told),
      hold: (request) => {
        told.push('hold');
        return memory.hold(request);
      },
    };
    const provider = Object.assign(scripted(says('a')), begins('provider', told));
    const vibe = createVibe({ plugins: [provider, ledger, testPrices] });
    await vibe.estimate({ model: 'acme-1', prompt: 'Hi' });
    await vibe.generate({ model: 'acme-1', prompt: 'Hi', dryRun: true });
    expect(told).toEqual([]);
    expect((await vibe.generate({ model: 'acme-1', prompt: 'Hi' })).text).toBe('a');
    expect(await collect(vibe.stream({ model: 'acme-1', prompt: 'Hi' }))).toHaveLength(2);
    expect(told).toEqual(['ledger', 'provider', 'hold', 'hold']);
    await vibe.close();
  });
});

describe('structured output', () => {
  const output = z.object({ name: z.string(), age: z.number() });

  it('gives the validated, typed object', async () => {
    const { vibe } = client(scripted(says('```json\n', '{"name":"Ada","age":36}', '\n```')));
    const { object } = await vibe.generate({ model: 'acme-1', prompt: 'Who?', output });
    expectTypeOf(object).toEqualTypeOf<{ name: string; age: number } | null>();
    expect(object).toEqual({ name: 'Ada', age: 36 });
  });

  it('asks once more when the answer does not fit, as a counted attempt', async () => {
    const { vibe, provider, ledger } = client(scripted([says('{"name":"Ada"}'), says('{"name":"Ada","age":36}')]));
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Who?', output });
    expect(response.object).toEqual({ name: 'Ada', age: 36 });
    expect(response.attempts).toHaveLength(2);
    expect(response.warnings.map(({ code }) => code)).toEqual(['repaired']);
    expect(provider.calls[1]?.request).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user' }],
    });
    expect(ledger.settlements[0]?.[1].attempts).toHaveLength(2);
  });

  it('fails with schema_mismatch when the repair fails too, and says what was spent', async () => {
    const { vibe, provider, ledger } = client(scripted(says('not json')));
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Who?', output }));
    expect([error.code, provider.calls.length]).toEqual(['schema_mismatch', 2]);
    expect(error.cost?.actualNanoUsd).toBe(24_000);
    expect(ledger.settlements[0]?.[1]).toMatchObject({
      status: 'failed',
      errorCode: 'schema_mismatch',
      actualNanoUsd: 24_000,
    });
  });

  it('never repairs a stream', async () => {
    const { vibe, provider } = client(scripted(says('not json')));
    expect((await failure(vibe.stream({ model: 'acme-1', prompt: 'Who?', output }).final())).code).toBe(
      'schema_mismatch',
    );
    expect(provider.calls).toHaveLength(1);
  });
});

describe('limits', () => {
  it('refuses at once what would wait longer than it may', async () => {
    const { vibe, provider } = client(scripted(says('a')), { limits: { '*': { rpm: 1 } } });
    await vibe.generate({ model: 'acme-1', prompt: 'x' });
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'x', maxWaitMs: 100 }));
    expect(error.code).toBe('rate_limited');
    expect(error.retryAfterMs).toBeGreaterThan(100);
    expect(provider.calls).toHaveLength(1);
  });

  it('does not wait for a provider that says 429 when waitOnRateLimit is false', async () => {
    const { vibe, provider } = client(
      scripted(fails('provider_rate_limited', 'slow down', { status: 429, retryAfterMs: 1_000 })),
    );
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'x', waitOnRateLimit: false }));
    expect([error.code, error.retryAfterMs, provider.calls.length]).toEqual(['rate_limited', 1_000, 1]);
  });
});

describe('middleware', () => {
  it('wraps the whole chain from outside', async () => {
    const seen: string[] = [];
    const { vibe } = client(scripted(says('a')), {
      middleware: [
        (next) =>
          async function* (call) {
            seen.push(call.operation);
            for await (const event of next(call)) {
              seen.push(event.type);
              yield event;
            }
          },
      ],
    });
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(seen).toEqual(['chat', 'delta', 'final']);
  });

  it('may give a call another signal, by spreading it', async () => {
    const own = new AbortController();
    const { vibe, ledger, provider } = client(scripted(saysThenHangs('Hello')), {
      middleware: [(next) => (call) => next({ ...call, signal: own.signal })],
    });
    const iterator = vibe.stream({ model: 'acme-1', prompt: 'Hi' })[Symbol.asyncIterator]();
    await iterator.next();
    own.abort('middleware has had enough');
    expect(await failure(iterator.next().then(() => iterator.next()))).toMatchObject({ code: 'cancelled' });
    expect(provider.calls[0]?.signal.aborted).toBe(true);
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
    expect(getEventListeners(own.signal, 'abort')).toHaveLength(0);
  });

  it.each([
    [
      'derived from it',
      (call: Call, signal: AbortSignal) => Object.create(call, { signal: { value: signal } }) as Call,
    ],
    [
      'a proxy of it',
      (call: Call, signal: AbortSignal) =>
        new Proxy(call, { get: (target, name) => (name === 'signal' ? signal : Reflect.get(target, name)) }),
    ],
  ])('may give a call another signal, by handing on what is %s', async (_, made) => {
    const own = new AbortController();
    const { vibe, ledger, provider } = client(scripted(saysThenHangs('Hello')), {
      middleware: [(next) => (call) => next(made(call, own.signal))],
    });
    const iterator = vibe.stream({ model: 'acme-1', prompt: 'Hi' })[Symbol.asyncIterator]();
    expect(await iterator.next()).toMatchObject({ value: { type: 'delta', text: 'Hello' } });
    own.abort('middleware has had enough');
    expect(await failure(iterator.next().then(() => iterator.next()))).toMatchObject({ code: 'cancelled' });
    expect(provider.calls[0]?.signal.aborted).toBe(true);
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
    expect(getEventListeners(own.signal, 'abort')).toHaveLength(0);
  });

  it.each(['signal', 'cancel'])('cannot keep a call from its end with another signal: %s', async (how) => {
    const { vibe, ledger, provider } = client(scripted(saysThenHangs('Hello')), {
      middleware: [(next) => (call) => next({ ...call, signal: new AbortController().signal })],
    });
    const controller = new AbortController();
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    if (how === 'signal') controller.abort();
    else await stream.cancel();
    await waiting;
    expect(ledger.settlements.map(([, { status }]) => status)).toEqual(['cancelled']);
    expect(provider.calls[0]?.signal.aborted).toBe(true);
  });

  it('leaves no listener on its own signal when it does not read what it has begun', async () => {
    const { signal } = new AbortController();
    const { vibe } = client(scripted(says('Hello')), {
      middleware: [
        (next) => (call) => {
          next({ ...call, signal });
          return next(call);
        },
      ],
    });
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    await vibe.close();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('sees the same signal in a call that it spreads', async () => {
    const signals: AbortSignal[] = [];
    const { vibe } = client(scripted(saysThenHangs('Hello')), {
      middleware: [
        (next) => (call) => {
          signals.push(call.signal);
          return next({ ...call });
        },
        (next) => (call) => {
          signals.push(call.signal);
          return next(call);
        },
      ],
    });
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    await stream[Symbol.asyncIterator]().next();
    await stream.cancel();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(signals[0]).toBe(signals[1]);
  });
});

describe('a limiter', () => {
  const limiterThat = (hear: (options: AcquireOptions, act: () => void) => void, heard: string[]): Limiter => ({
    ...memoryLimiter(Date.now),
    acquire: (_target, _demand, options) =>
      new Promise((_resolve, reject) => {
        const { signal } = { ...options };
        hear(options, () => {
          heard.push(`aborted: ${String(signal.aborted)}`);
          reject(new VibeError('cancelled', 'left the line'));
        });
      }),
  });

  it.each<readonly [string, (options: AcquireOptions, act: () => void) => void]>([
    ['its signal', ({ signal }, act) => signal.addEventListener('abort', act)],
    ['onAbort', ({ onAbort }, act) => void onAbort?.(act)],
  ])('hears the abort of a call that waits through %s', async (_, hear) => {
    const heard: string[] = [];
    const { vibe, provider } = client(scripted(says('a')), { plugins: [limiterThat(hear, heard)] });
    const controller = new AbortController();
    vibe.on('hold', () => setImmediate(() => controller.abort()));
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', signal: controller.signal }));
    expect(error.code).toBe('cancelled');
    expect(heard).toEqual(['aborted: true']);
    expect(provider.calls).toHaveLength(0);
  });
});

function deferred() {
  let resolve!: (value: unknown) => void;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
