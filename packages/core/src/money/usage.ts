import type { Quantities, Usage } from '../spec/usage.js';

/** The sum of two usages. It is only as sure as the less sure of them. */
export function addUsage(first: Usage, second: Usage): Usage {
  const quantities: Record<string, number | undefined> = { ...first.quantities };
  for (const [unit, quantity] of Object.entries(second.quantities)) {
    if (quantity !== undefined) quantities[unit] = (quantities[unit] ?? 0) + quantity;
  }
  const { serviceTier } = first;
  return {
    quantities,
    unknown: first.unknown || second.unknown,
    source: certainty[first.source] <= certainty[second.source] ? first.source : second.source,
    ...(serviceTier !== undefined && serviceTier === second.serviceTier && { serviceTier }),
  };
}

const certainty = { estimated: 0, partial: 1, provider: 2 } as const;

/** Something that can be billed: what is no amount would count as nothing, or take money off the rest of the bill. */
export function isAmount(value: number | undefined): boolean {
  return Number.isFinite(value) && (value ?? -1) >= 0;
}

/** All tokens of every kind: what a tokens-per-minute limit counts. */
export function tokensOf(quantities: Quantities): number {
  let tokens = 0;
  for (const unit in quantities) if (unit.endsWith('_token')) tokens += quantities[unit] ?? 0;
  return tokens;
}
