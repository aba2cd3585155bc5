import type { ChatInput, Policy, Region, RequestBase } from '@vibe/core';

/** Flags of every call: which model may answer, and what it may cost. */
export interface CallFlags {
  readonly model?: string;
  readonly route?: Policy;
  readonly region?: readonly Region[];
  readonly maxCost?: number;
  readonly tag?: Readonly<Record<string, string>>;
  readonly wait: boolean;
  readonly maxWait?: number;
  readonly usage?: boolean;
  readonly dryRun?: boolean;
}

/** Flags of `llm generate`, parsed and checked. */
export interface GenerateFlags extends CallFlags {
  readonly system?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly stream: boolean;
  readonly file?: readonly string[];
  readonly schema?: string;
}

/** What the flags of every call say. What was not said is left to the configuration. */
export function callOf({ model, route, region, maxCost, tag, wait, maxWait, dryRun }: CallFlags): RequestBase {
  return {
    ...(model !== undefined && { model }),
    ...(route !== undefined && { route }),
    ...(region !== undefined && { regions: region }),
    ...(maxCost !== undefined && { maxCostUsd: maxCost }),
    ...(tag !== undefined && { tags: tag }),
    ...(!wait && { waitOnRateLimit: false }),
    ...(maxWait !== undefined && { maxWaitMs: maxWait * 1_000 }),
    ...(dryRun !== undefined && { dryRun }),
  };
}

/** The request that the flags of a chat describe, without its prompt. */
export function chatOf(flags: Omit<GenerateFlags, 'stream' | 'file' | 'schema'>): ChatInput {
  const { system, maxTokens, temperature } = flags;
  return {
    ...callOf(flags),
    ...(system !== undefined && { system }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
  };
}
