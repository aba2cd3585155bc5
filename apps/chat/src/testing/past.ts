import { createVibe, VibeError } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';
import type { Services } from '../services.js';

const dayMs = 86_400_000;

/** Writes what was asked on earlier days into a ledger: `models[0]` once today, `models[1]` once yesterday, and so on. */
export async function spendInThePast(ledgerPath: string, services: Services, models: readonly string[]): Promise<void> {
  for (const [daysAgo, model] of models.entries()) {
    const vibe = createVibe(
      {
        plugins: [...services.providers, sqliteLedger({ path: ledgerPath }), pricingRegistry()],
        router: { probeIntervalMs: 0 },
      },
      { now: () => Date.now() - daysAgo * dayMs },
    );
    await vibe.generate({ model, prompt: 'tokens: 400', maxOutputTokens: 400 }).catch(ended);
    await vibe.close();
  }
}

/** A day may have had a failure. */
function ended(thrown: unknown): void {
  if (!VibeError.is(thrown)) throw thrown;
}
