import { randomUUID } from 'node:crypto';
import type { LoadedConfig } from '@vibe/config';
import {
  type Budget,
  createVibe,
  type ModelManifest,
  type PluginInput,
  type PluginPart,
  type Pricing,
  type Provider,
  type Vibe,
} from '@vibe/core';
import { missingModel } from './calls.js';

/** The name of the test's own budget, in refusals and in the ledger. */
export const budgetId = 'providers-test';

export interface TestClientOptions {
  readonly config: Pick<LoadedConfig, 'values' | 'origins'>;
  readonly parts: readonly PluginPart[];
  readonly provider: Provider;
  readonly chat: ModelManifest;
  readonly maxUsd: number;
}

/** A client whose calls count in the user's ledger and budgets, and in one budget of this run. */
export interface TestClient {
  readonly vibe: Vibe;
  /** What every call must carry to count in the budget of this run. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The client of a test. Its calls are strict: what cannot be held is not sent. Only the provider under test is in it. */
export function testClient({ config, parts, provider, chat, maxUsd }: TestClientOptions): TestClient {
  const { values, origins } = config;
  const run = `${budgetId}-${randomUUID()}`;
  const own: Budget = { id: budgetId, window: 'run', limitUsd: maxUsd, tags: { run }, mode: 'strict_budget' };
  const budgets = values.budgets ?? [];
  const budgetOrigins = budgets.map((_, index) => origins.get(`budgets[${index}].limitUsd`) ?? 'code');
  const plugins = parts.flatMap((part): readonly PluginInput[] => {
    if (part.kind === 'provider') return part === provider ? [withMissingModel(part, chat)] : [];
    return [part.kind === 'pricing' ? withMissingPrice(part, chat) : part];
  });
  const vibe = createVibe(
    { ...values, plugins, budgets: [...budgets, own], dryRun: false },
    { budgetOrigins: [...budgetOrigins, '--max-usd'] },
  );
  return { vibe, tags: { run } };
}

/** The router sends nothing to a model that no manifest has. */
function withMissingModel(provider: Provider, chat: ModelManifest): Provider {
  const { aliases: _, ...model } = chat;
  const models = [...provider.models, { ...model, id: missingModel }];
  return new Proxy(provider, {
    get(target, key) {
      if (key === 'models') return models;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A strict budget holds nothing without a price: the missing model counts as the one that is there. */
function withMissingPrice(pricing: Pricing, { id }: ModelManifest): Pricing {
  return {
    kind: 'pricing',
    price: (query) => pricing.price(query.model === missingModel ? { ...query, model: id } : query),
    rates: (query) => pricing.rates(query?.model === missingModel ? { ...query, model: id } : query),
  };
}
