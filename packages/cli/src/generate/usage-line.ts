import type { BudgetState, GenerationResponse, Quantities } from '@vibe/core';
import { mediaText } from '../output/dimensions.js';
import { usd } from '../output/money.js';
import { count, percent } from '../output/numbers.js';
import { seconds } from '../output/time.js';

const inputUnits = ['input_token', 'cached_input_token', 'cache_write_token', 'input_audio_token', 'input_image_token'];
const outputUnits = ['output_token', 'reasoning_token', 'output_audio_token', 'output_image_token'];

/** What --usage prints: `qwen-plus @ qwen/cn · 14 in · 11 out · ttft 0.31 s · 0.62 s · $0.000021 (est $0.000058) · budget 68 % · id`. */
export function usageLine(response: GenerationResponse, budgets: readonly BudgetState[]): string {
  const { providerMeta, timing, usage, id } = response;
  const tightest = tightestOf(budgets);
  return [
    `${providerMeta.model} @ ${providerMeta.provider}/${providerMeta.endpoint}`,
    ...usageParts(usage?.quantities ?? {}),
    timing.ttftMs === null ? null : `ttft ${seconds(timing.ttftMs)}`,
    seconds(timing.totalMs),
    costText(response),
    tightest === null ? null : `budget ${percent(tightest).replace('%', ' %')}`,
    id,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** Pictures, sound and characters where no tokens are counted. */
function usageParts(quantities: Quantities): readonly string[] {
  const output = tokens(quantities, outputUnits);
  const media = mediaText(quantities);
  if (media !== '' && output === null && tokens(quantities, inputUnits) === null) return [media];
  return [inputText(quantities), `${output ?? '?'} out`, ...(media === '' ? [] : [media])];
}

function inputText(quantities: Quantities): string {
  const total = tokens(quantities, inputUnits) ?? '?';
  const cached = quantities['cached_input_token'] ?? 0;
  return cached > 0 ? `${total} in (${count(cached)} cached)` : `${total} in`;
}

/** Null when none of the units was said: that is not zero. */
function tokens(quantities: Quantities, units: readonly string[]): string | null {
  const known = units.flatMap((unit) => quantities[unit] ?? []);
  return known.length === 0 ? null : count(known.reduce((sum, quantity) => sum + quantity, 0));
}

/** `~` marks a cost that rests on our own count, because the provider did not say what it used. */
function costText({ cost, usage }: GenerationResponse): string {
  const estimate = cost.estimatedUsd === null ? '' : ` (est ${usd(Math.round(cost.estimatedUsd * 1e9))})`;
  if (cost.actualNanoUsd === null) return `cost unknown${estimate}`;
  return `${usage?.unknown === true ? '~' : ''}${usd(cost.actualNanoUsd)}${estimate}`;
}

/** The highest share used, of the budgets that counted the call. */
function tightestOf(budgets: readonly BudgetState[]): number | null {
  const shares = budgets
    .filter(({ window, shadow }) => window !== 'call' && !shadow)
    .map(({ limitNanoUsd, spentNanoUsd, heldNanoUsd }) =>
      limitNanoUsd === 0 ? 1 : (spentNanoUsd + heldNanoUsd) / limitNanoUsd,
    );
  return shares.length === 0 ? null : Math.max(...shares);
}
