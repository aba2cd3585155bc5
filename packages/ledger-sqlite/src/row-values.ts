import type { NanoUsd, Target, Usage } from '@vibe/core';
import type { AttemptValues, UsagePairs } from './protocol.js';

/** How single columns of a row are written. Prompts and answers are not among them. */

export function usagePairsOf({ quantities }: Usage): UsagePairs {
  const pairs: (string | number)[] = [];
  for (const unit in quantities) {
    const quantity = quantities[unit];
    if (quantity !== undefined) pairs.push(unit, quantity);
  }
  return pairs;
}

/** `{"input_token":12}` */
export function usageJsonOf(pairs: UsagePairs): string {
  const quantities: Record<string, number> = {};
  for (let index = 0; index < pairs.length; index += 2) quantities[pairs[index] as string] = pairs[index + 1] as number;
  return JSON.stringify(quantities);
}

export function usagePairsOfJson(usageJson: string | null): UsagePairs | null {
  return usageJson === null ? null : Object.entries(JSON.parse(usageJson) as Record<string, number>).flat();
}

/** An attempt without usage is only known to have used nothing when it is known to have cost nothing. */
export function isUsageUnknown(usage: Usage | null, actualNanoUsd: NanoUsd | null): boolean {
  return usage === null ? actualNanoUsd !== 0 : usage.unknown;
}

/** Null without tags. */
export function tagsJsonOf(tags: Readonly<Record<string, string>>): string | null {
  for (const _ in tags) return JSON.stringify(tags);
  return null;
}

/** `qwen@sg/qwen-plus`, as a model is written in a request. */
export function targetText({ provider, endpoint, model }: Target): string {
  return `${provider}@${endpoint}/${model}`;
}

export function roundedMs(durationMs: number | null): number | null {
  return durationMs === null ? null : Math.round(durationMs);
}

/** A row of which nothing is known, for those who know something. */
export const unknownRow: AttemptValues = {
  attempt: 0,
  ts: 0,
  status: '',
  target: null,
  servedModel: null,
  requestId: null,
  usage: null,
  usageUnknown: false,
  usageSource: null,
  estimatedNanoUsd: null,
  actualNanoUsd: null,
  currency: null,
  fxRate: null,
  lines: [],
  ttftMs: null,
  totalMs: null,
  waitMs: null,
  retryMs: null,
  errorCode: null,
  errorMessage: null,
  finishReason: null,
  rawFinishReason: null,
  httpStatus: null,
};
