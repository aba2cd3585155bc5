import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVibe, type Vibe, VibeError } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { administerLedgerFile, openLedgerFile } from '@vibe/ledger-sqlite/file';
import { pricingRegistry } from '@vibe/pricing-registry';
import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { silentWav } from '../../providers/check/silent-wav.js';

/** A ledger that real calls have written, and the simulators that served them. */
export interface GoldenLedger {
  readonly path: string;
  /** The moment of the last call. */
  readonly nowMs: number;
  /** One per endpoint, so that each counts its own requests. */
  readonly simulators: { readonly qwen: Simulator; readonly gemini: Simulator };
  close(): Promise<void>;
}

/** Two days and some hours before, around midnight in Shanghai. */
const startMs = Date.parse('2026-11-20T14:30:00Z');
const stepMs = 97 * 60_000;

/** Calls of every kind and every end: text, picture, sound; failed, cancelled, blocked, retried, elsewhere, corrected. */
export async function goldenLedger(): Promise<GoldenLedger> {
  const folder = mkdtempSync(join(tmpdir(), 'vibe-golden-'));
  const path = join(folder, 'ledger.db');
  const simulators = { qwen: await startSimulator({ seed: 7 }), gemini: await startSimulator({ seed: 8 }) };
  const clock = { nowMs: startMs };
  const vibe = createVibe(
    {
      plugins: [
        qwen({ apiKey: 'simulated', baseUrl: simulators.qwen.baseUrls.qwen }),
        gemini({ apiKey: 'simulated', baseUrl: simulators.gemini.baseUrls.gemini }),
        sqliteLedger({ path, timezone: 'Asia/Shanghai' }),
        pricingRegistry(),
      ],
      budgets: [
        { window: 'total', limitUsd: 1_000 },
        { id: 'poor', window: 'total', limitUsd: 0.000_001, tags: { user: 'poor' } },
        { id: 'strict', window: 'total', limitUsd: 1, tags: { user: 'strict' }, mode: 'strict_budget' },
      ],
      defaults: { maxOutputTokens: 300 },
    },
    { now: () => clock.nowMs, random: () => 0.5 },
  );
  try {
    await everyKindOfCall(vibe, simulators, clock);
  } finally {
    await vibe.close();
  }
  await correctOne(path, () => clock.nowMs);
  return {
    path,
    nowMs: clock.nowMs,
    simulators,
    close: async () => {
      await Promise.all([simulators.qwen.close(), simulators.gemini.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function everyKindOfCall(
  vibe: Vibe,
  { qwen: cn, gemini: global }: GoldenLedger['simulators'],
  clock: { nowMs: number },
) {
  const next = () => {
    clock.nowMs += stepMs;
  };
  const model = 'qwen-plus';
  for (const user of ['alice', 'bob', '=1+1', '\u901a\u4e49\u5343\u95ee']) {
    await vibe.generate({ model, prompt: `Hello from ${user}`, tags: { user } });
    await vibe.stream({ model: 'gemini-2.5-flash', prompt: 'Why is the sky blue?', tags: { user } }).final();
    next();
  }
  await vibe.paint({ model: 'qwen-image-plus', prompt: 'A lighthouse', tags: { user: 'alice' } });
  await vibe.speak({ model: 'qwen3-tts-flash', text: 'The sky is blue.', tags: { user: 'bob' } });
  next();
  const audio = { type: 'audio', mediaType: 'audio/wav', data: silentWav() } as const;
  await vibe.transcribe({ model: 'qwen3-asr-flash', audio });
  next();
  // Fails for good, once at either endpoint.
  cn.script({ fault: { kind: 'status', status: 400 }, times: 2 });
  await failing(vibe.generate({ model, prompt: 'bad' }));
  await failing(vibe.generate({ model, prompt: 'bad again', tags: { user: 'bob' } }));
  global.script({ fault: { kind: 'status', status: 503 }, times: 1 });
  await failing(vibe.generate({ model: 'gemini-2.5-flash', prompt: 'busy', retry: { attempts: 1 } }));
  next();
  // Fails once, then answers.
  cn.script({ fault: { kind: 'status', status: 503 }, times: 1 });
  await vibe.generate({ model, prompt: 'Try again', tags: { user: 'alice' } });
  // Cut in the middle: paid for what came.
  cn.script({ fault: { kind: 'truncate', afterDeltas: 2 }, times: 1 });
  await failing(vibe.stream({ model, prompt: 'A long story' }).final());
  next();
  // The provider does not say what it used, also for a strict call.
  cn.script({ fault: { kind: 'missingUsage' }, times: 2 });
  await vibe.generate({ model, prompt: 'Say nothing about usage', tags: { user: 'strict' } });
  await vibe.generate({ model, prompt: 'Nor now' });
  await cancelled(vibe);
  next();
  await failing(vibe.generate({ model: 'qwen-max', prompt: 'Too dear', tags: { user: 'poor' } }));
  await vibe.generate({ model: 'qwen/qwen-of-tomorrow', prompt: 'Without a price' });
}

async function cancelled(vibe: Vibe): Promise<void> {
  const stream = vibe.stream({ model: 'gemini-2.5-flash', prompt: 'Tell me everything', tags: { user: 'alice' } });
  for await (const event of stream) if (event.type === 'delta') break;
  await stream.final();
}

/** Every such call must fail, with one of our errors. */
async function failing(call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!VibeError.is(error)) throw error ?? new Error('The call should have failed.');
}

async function correctOne(path: string, now: () => number): Promise<void> {
  const file = openLedgerFile({ path, now });
  const [call] = [...file.attempts({ model: 'gemini-2.5-flash', status: 'ok', limit: 1 })];
  file.close();
  const ledger = administerLedgerFile(path, now);
  await ledger.correct(call?.callId ?? '', { deltaNanoUsd: 12_345, reason: 'the price list was old' });
  await ledger.close();
}
