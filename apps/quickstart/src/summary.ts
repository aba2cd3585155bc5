import { type BudgetState, describeTarget, formatUsd, type GenerationResponse } from '@vibe/core';

/** What the answer was: who, how much, how fast, what it cost, and what is left. */
export function summary(response: GenerationResponse, budgets: readonly BudgetState[]): string {
  const { providerMeta, timing, cost } = response;
  const rows: [string, string][] = [
    ['model', describeTarget(providerMeta)],
    ['tokens', tokens(response)],
    ['first token', timing.ttftMs === null ? 'unknown' : seconds(timing.ttftMs)],
    ['total time', seconds(timing.totalMs)],
    ['cost', cost.actualNanoUsd === null ? 'unknown' : formatUsd(cost.actualNanoUsd)],
    ...budgets.map(({ window, remainingNanoUsd, limitNanoUsd }): [string, string] => [
      `left ${window === 'day' ? 'today' : `this ${window}`}`,
      `${micro(remainingNanoUsd)} of ${formatUsd(limitNanoUsd)}`,
    ]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)} ${value}`).join('\n');
}

/** A cent is a lot here: six digits show what one answer has taken. Rounded down, because it is what may still be spent. */
function micro(nanoUsd: number): string {
  return `$${(Math.floor(nanoUsd / 1_000) / 1_000_000).toFixed(6)}`;
}

function tokens({ usage }: GenerationResponse): string {
  if (usage === null) return 'unknown';
  const { input_token, cached_input_token = 0, output_token, reasoning_token = 0 } = usage.quantities;
  const input = input_token === undefined ? 'unknown' : input_token + cached_input_token;
  const output = output_token === undefined ? 'unknown' : output_token + reasoning_token;
  return `${input} in, ${output} out${usage.unknown ? ' (estimated)' : ''}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
