import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { BillingUnit, ProviderCall, Quantities, Usage } from '@vibe/core';
import { present } from '../expect.js';
import { type ProviderTest, streams, test } from './provider-test.js';
import { resultOf } from './reading.js';
import { chatRequest } from './requests.js';
import type { CallOptions, Scene } from './scene.js';
import type { Said } from './situations.js';

const inputUnits: readonly BillingUnit[] = [
  'input_token',
  'cached_input_token',
  'cache_write_token',
  'input_audio_token',
  'input_image_token',
];
const outputUnits: readonly BillingUnit[] = [
  'output_token',
  'reasoning_token',
  'output_audio_token',
  'output_image_token',
];

/** What was billed: in disjoint units, and only what was said. */
export const usage: readonly ProviderTest[] = [
  test('answer', 'reports what the service bills (whole)', (scene) => reports(scene, { incremental: false })),
  test('answer', 'reports what the service bills (streamed)', (scene) => reports(scene, { incremental: true })),
  test('answer', 'says on the way no more than it says at the end', growsToTheEnd, streams),
  test('answer', 'counts beforehand no less input than the service bills', countsEnough),
  test('noUsage', 'says that the usage is unknown when nobody said it, and never 0', leavesUnknown),
  test('noUsage', 'lets a client pay for an answer of unknown usage by its estimate', costsSomething),
  test('cachedInput', 'keeps cached tokens out of the other input', reportsCached),
  test(
    'reasoning',
    'keeps tokens of reasoning out of the other output',
    reportsReasoning,
    ({ reasoning }) => reasoning !== null,
  ),
  test('answer', 'estimates no less input than the service bills', estimatesEnough, ({ estimates }) => estimates),
];

function sumOf({ quantities }: Usage, units: readonly BillingUnit[]): number {
  return units.reduce((sum, unit) => sum + (quantities[unit] ?? 0), 0);
}

/** The units of the usage add up to what the service said, and say no more than it did. */
function assertSaid(usage: Usage, said: Said): void {
  deepStrictEqual([usage.unknown, usage.source], [false, 'provider']);
  for (const [unit, quantity] of Object.entries(usage.quantities))
    ok(typeof quantity === 'number' && Number.isFinite(quantity) && quantity >= 0, `${unit} is ${quantity}`);
  if (said.inputTokens !== undefined) strictEqual(sumOf(usage, inputUnits), said.inputTokens, 'all input');
  if (said.outputTokens !== undefined) strictEqual(sumOf(usage, outputUnits), said.outputTokens, 'all output');
  assertShare(usage, 'cached_input_token', said.cachedInputTokens);
  assertShare(usage, 'reasoning_token', said.reasoningTokens);
}

/** Of nothing there may be 0 or no entry; of what nobody mentioned there is no entry. */
function assertShare({ quantities }: Usage, unit: BillingUnit, said: number | undefined): void {
  if (said === undefined) strictEqual(quantities[unit], undefined, `${unit}, which the service did not mention`);
  else strictEqual(quantities[unit] ?? 0, said, unit);
}

async function usageOf(scene: Scene<'answer' | 'reasoning' | 'cachedInput'>, options: CallOptions) {
  const { result } = await resultOf(scene, scene.call(options));
  const usage = present(result.usage, 'the usage');
  const said = await scene.situation.said();
  assertSaid(usage, said);
  return { usage, said };
}

async function reports(scene: Scene<'answer'>, options: CallOptions): Promise<void> {
  const { said } = await usageOf(scene, options);
  ok((said.inputTokens ?? 0) > 0 && (said.outputTokens ?? 0) > 0, 'the situation tells what the service billed');
}

/** A stream that is cut is billed by the last report: one that says too much is money for nothing. */
async function growsToTheEnd(scene: Scene<'answer'>): Promise<void> {
  const { result, events } = await resultOf(scene, scene.call({ model: scene.abilities.streaming }));
  const end = present(result.usage, 'the usage');
  for (const event of events) {
    if (event.type !== 'usage') continue;
    for (const [what, units] of [
      ['input', inputUnits],
      ['output', outputUnits],
    ] as const) {
      const [soFar, all] = [sumOf(event.usage, units), sumOf(end, units)];
      ok(soFar <= all, `a usage event says ${soFar} of ${what} so far, the final event ${all} of all`);
    }
  }
}

/** What the service counts is held instead of an estimate. */
async function countsEnough(scene: Scene<'answer'>): Promise<void> {
  const call = scene.call({ incremental: false });
  const counted = await countOf(scene, call);
  if (counted === null) return;
  await resultOf(scene, call);
  const { inputTokens = 0 } = await scene.situation.said();
  const input = sumOf({ quantities: counted, unknown: false, source: 'provider' }, inputUnits);
  ok(input >= inputTokens, `it counts ${input} tokens of input, the service bills ${inputTokens}`);
}

/** Null where nothing was counted; after a failure the estimate stands. */
async function countOf({ provider }: Scene<'answer'>, call: ProviderCall): Promise<Quantities | null> {
  try {
    return (await provider.countTokens?.(call)) ?? null;
  } catch {
    return null;
  }
}

async function leavesUnknown(scene: Scene<'noUsage'>): Promise<void> {
  for (const incremental of [true, false]) {
    const { result } = await resultOf(scene, scene.call({ incremental }));
    if (result.usage === null) continue;
    strictEqual(result.usage.unknown, true, 'a usage that nobody reported is unknown');
    ok(result.usage.source !== 'provider', 'the provider did not say it');
  }
}

async function costsSomething(scene: Scene<'noUsage'>): Promise<void> {
  const { vibe, model } = scene.client();
  const response = await scene.within(vibe.generate({ model, prompt: 'Why is the sky blue?' }), 'the answer');
  strictEqual(response.usage?.unknown, true);
  ok((response.cost.actualNanoUsd ?? 0) > 0, `an answer is not free because nobody counted it`);
}

async function reportsCached(scene: Scene<'cachedInput'>): Promise<void> {
  for (const incremental of [true, false]) {
    const { said } = await usageOf(scene, { incremental });
    ok((said.cachedInputTokens ?? 0) > 0, 'the situation has cached tokens');
  }
}

async function reportsReasoning(scene: Scene<'reasoning'>): Promise<void> {
  const model = present(scene.abilities.reasoning, 'a model that thinks');
  const request = chatRequest(model, { reasoning: 'low' });
  for (const incremental of model.streams === false ? [false] : [true, false]) {
    const { said } = await usageOf(scene, { model, request, incremental });
    ok((said.reasoningTokens ?? 0) > 0, 'the situation has tokens of reasoning');
  }
}

async function estimatesEnough(scene: Scene<'answer'>): Promise<void> {
  const call = scene.call({ incremental: false });
  // Nobody needs more tokens than characters here; a provider that leaves the generic bound alone is as good as that.
  const generic = { operation: call.operation, quantities: { input_token: JSON.stringify(call.request).length } };
  const own = await scene.provider.estimate?.(call.request, call.model, generic);
  const estimated = own ?? { ...generic, unknown: true, source: 'estimated' };
  await resultOf(scene, call);
  const { inputTokens = 0 } = await scene.situation.said();
  ok(sumOf(estimated, inputUnits) >= inputTokens, `an upper bound of ${inputTokens}: ${sumOf(estimated, inputUnits)}`);
}
