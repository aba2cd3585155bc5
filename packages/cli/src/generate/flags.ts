import type { ChatInput, Policy, Region } from '@vibe/core';

/** Flags of `llm generate`, parsed and checked. */
export interface GenerateFlags {
  readonly model?: string;
  readonly system?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly route?: Policy;
  readonly region?: readonly Region[];
  readonly maxCost?: number;
  readonly tag?: Readonly<Record<string, string>>;
  readonly wait: boolean;
  readonly maxWait?: number;
  readonly stream: boolean;
  readonly usage?: boolean;
  readonly dryRun?: boolean;
}

/** The request that the flags describe. What was not said is left to the configuration. */
export function requestOf(prompt: string, flags: GenerateFlags): ChatInput {
  const { model, system, maxTokens, temperature, route, region, maxCost, tag, wait, maxWait, dryRun } = flags;
  return {
    prompt,
    ...(model !== undefined && { model }),
    ...(system !== undefined && { system }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(route !== undefined && { route }),
    ...(region !== undefined && { regions: region }),
    ...(maxCost !== undefined && { maxCostUsd: maxCost }),
    ...(tag !== undefined && { tags: tag }),
    ...(!wait && { waitOnRateLimit: false }),
    ...(maxWait !== undefined && { maxWaitMs: maxWait * 1_000 }),
    ...(dryRun !== undefined && { dryRun }),
  };
}
