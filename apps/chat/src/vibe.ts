import { createVibe, type Limits, type Middleware, type PluginInput, type TimeoutOptions, type Vibe } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';

export interface ChatVibeOptions {
  readonly providers: readonly PluginInput[];
  readonly ledgerPath: string;
  readonly dayLimitUsd: number;
  readonly conversationLimitUsd: number;
  /** `qwen-plus`, `qwen@sg/*` → limits. */
  readonly limits: Readonly<Record<string, Limits>>;
  /** How long an endpoint that failed is left alone. */
  readonly cooldownMs: number;
  /** Whether endpoints are asked in the background if they can be reached. */
  readonly probes: boolean;
  readonly timeout?: TimeoutOptions;
  readonly middleware: readonly Middleware[];
}

/** THE CLIENT: one for the whole server. Everything the app does with models goes through it. */
export function createChatVibe(options: ChatVibeOptions): Vibe {
  return createVibe({
    plugins: [...options.providers, sqliteLedger({ path: options.ledgerPath }), pricingRegistry()],
    mode: 'strict_budget', // money is held durably before a request leaves; what does not fit is not sent
    budgets: [
      { id: 'today', window: 'day', limitUsd: options.dayLimitUsd, warnAt: [0.8] },
      { id: 'conversation', window: 'day', limitUsd: options.conversationLimitUsd, tags: { conversation: '*' } },
    ],
    limits: options.limits,
    breaker: { failures: 3, cooldownMs: options.cooldownMs },
    ...(!options.probes && { router: { probeIntervalMs: 0 } }),
    defaults: {
      maxOutputTokens: 2_000, // the worst case is what is held
      maxWaitMs: 60_000, // the page shows the wait, and offers to end it
      retry: { budgetMs: 90_000 },
      ...(options.timeout !== undefined && { timeout: options.timeout }),
    },
    middleware: options.middleware,
  });
}
