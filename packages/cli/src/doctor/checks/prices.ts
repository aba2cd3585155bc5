import { unpricedModels } from '@vibe/pricing-registry';
import { pricingOf, ratesOf } from '../../prices/open-prices.js';
import { ageDays, staleAfterDays } from '../../prices/price-text.js';
import { type Check, finding, ok } from '../check.js';
import { withoutConfig } from './config.js';

const shown = 3;

export const prices: Check = {
  id: 'prices',
  title: 'Prices',
  about: 'how old the prices are, and models of the configuration without one',
  async run(patient) {
    const broken = await withoutConfig(patient);
    if (broken !== null) return [broken];
    const plugins = await patient.plugins();
    const nowMs = patient.session.world.now();
    const pricing = pricingOf(plugins);
    const rates = ratesOf(pricing, { atMs: nowMs });
    const newest = rates
      .map(({ verifiedAt }) => verifiedAt)
      .sort()
      .at(-1);
    const unpriced = plugins.providers.flatMap(({ provider }) => unpricedModels(provider, pricing, nowMs));
    const names = [...new Set(unpriced.map(({ provider, model, region }) => `${provider}/${model} (${region})`))];
    if (names.length > 0) {
      const more = names.length > shown ? ` and ${names.length - shown} more` : '';
      const detail = `${names.length} models have no price: ${names.slice(0, shown).join(', ')}${more}. strict_budget refuses them`;
      return [
        finding('warning', detail, ['llm prices check', 'Add them to the option prices of @vibe/pricing-registry.']),
      ];
    }
    const models = new Set(rates.map(({ provider, model }) => `${provider}/${model}`)).size;
    if (newest === undefined) return [finding('warning', 'no price is known at all', ['npm i @vibe/pricing-registry'])];
    const days = ageDays({ verifiedAt: newest }, nowMs);
    const told = `${models} models, newest ${newest.slice(0, 10)}, every model of the configuration has one`;
    if (days <= staleAfterDays) return [ok(told)];
    return [
      finding('warning', `${told}; but that was ${days} days ago`, [
        'npm update @vibe/pricing-registry',
        'llm prices check',
      ]),
    ];
  },
};
