import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { built, inBenchmarks } from '../lib/from-package.mjs';

const { pricingRegistry } = await built('pricing-registry');

const candidates = 20;
const calls = 2_000;
const blocks = 60;
const plansPerBlock = 500;

/**
 * What planning a call costs with 20 candidates, prices and limits, in µs: `planUs` the planner alone, again and again, in CPU
 * time, median of blocks; `inCallUs` in the middle of real calls, from the door of the chain to the finished plan.
 */
export async function planningMicroseconds() {
  const { createVibe, Planner } = await source();
  const { plan } = Planner.prototype;
  let latest;
  Planner.prototype.plan = function (...asked) {
    latest = { planner: this, asked };
    return plan.apply(this, asked);
  };
  let beganAt = 0;
  const inCall = [];
  const vibe = createVibe({
    plugins: [provider(), pricingRegistry()],
    budgets: [{ window: 'day', limitUsd: 1_000 }],
    limits: { '*': { rpm: 1_000_000 } },
    middleware: [
      (next) => (call) => {
        beganAt = performance.now();
        return next(call);
      },
    ],
  });
  vibe.on('plan', ({ candidates: ranked }) => {
    if (ranked.length !== candidates) throw new Error(`${ranked.length} candidates instead of ${candidates}`);
    inCall.push((performance.now() - beganAt) * 1_000);
  });
  for (let call = 0; call < calls; call++)
    await vibe.generate({ prompt: `Question ${call}`, maxOutputTokens: 100 + (call % 500) });
  const [call] = latest.asked;
  const planned = Array.from({ length: blocks }, () => {
    const from = process.cpuUsage();
    for (let index = 0; index < plansPerBlock; index++) plan.call(latest.planner, call, false);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / plansPerBlock;
  });
  await vibe.close();
  return { planUs: median(planned), inCallUs: median(inCall.slice(calls / 2)) };
}

/** The planner is no part of the public interface, so it is built for this benchmark alone. */
async function source() {
  const outDir = mkdtempSync(join(tmpdir(), 'vibe-bench-planner-'));
  const entry = { planner: inBenchmarks('router/planner-source.ts') };
  const outExtension = () => ({ js: '.mjs' });
  await build({
    entry,
    outDir,
    outExtension,
    format: 'esm',
    target: 'node20',
    config: false,
    silent: true,
    dts: false,
  });
  const made = await import(pathToFileURL(join(outDir, 'planner.mjs')).href);
  rmSync(outDir, { recursive: true, force: true });
  return made;
}

function provider() {
  const usage = { quantities: { input_token: 10, output_token: 5 }, unknown: false, source: 'provider' };
  const finish = { finishReason: 'stop', rawFinishReason: 'stop', servedModel: null, requestId: null };
  return {
    kind: 'provider',
    id: 'qwen',
    endpoints: ['a', 'b', 'c', 'd'].map((id) => ({
      id,
      region: 'cn',
      baseUrl: `https://${id}.example`,
      keyPresent: () => true,
    })),
    models: ['qwen-flash', 'qwen-plus', 'qwen-max', 'qwen-turbo', 'qwen3-max'].map((id) => ({
      ...{ id, operations: ['chat'], input: ['text'], output: ['text'], streams: true, tools: true, structured: true },
      ...{ reasoning: false, tier: 'standard', contextTokens: 131_072, maxOutputTokens: 8_192 },
    })),
    async *stream() {
      yield { type: 'final', result: { content: [{ type: 'text', text: 'x' }], usage, ...finish } };
    },
  };
}

function median(values) {
  const ascending = values.sort((first, second) => first - second);
  return ascending[Math.floor(ascending.length / 2)];
}
