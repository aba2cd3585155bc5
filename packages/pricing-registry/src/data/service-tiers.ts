import { earliestDate, type ServiceTierRow, serviceTierIdOf } from '../rows.js';

const optimization = 'ai.google.dev/gemini-api/docs/optimization';

/** Nothing was found about a batch price of DashScope: such a call is unpriced there. */
export const builtInServiceTiers: readonly ServiceTierRow[] = [
  tier('*', 'flex', '0.5', { source: `${optimization}: 50 % discount`, confidence: 'high' }),
  tier('*', 'batch', '0.5', { source: `${optimization}: 50 % discount`, confidence: 'high' }),
  tier('*', 'priority', '2', {
    source: `${optimization}: 75 % to 100 % more than standard; the upper end is kept`,
    confidence: 'low',
    conflicts: ['1.75, the lower end of the same source'],
  }),
  tier('gemini-3.7-flash', 'priority', '1.8', {
    source: 'pydantic/genai-prices 47df840 prices/providers/google.yml',
    confidence: 'medium',
  }),
];

function tier(
  model: string,
  serviceTier: string,
  multiplier: string,
  origin: Pick<ServiceTierRow, 'source' | 'confidence' | 'conflicts'>,
): ServiceTierRow {
  const row = { provider: 'gemini', model, serviceTier, multiplier, effectiveFrom: earliestDate };
  return { id: serviceTierIdOf(row), ...row, verifiedAt: '2026-08-21', ...origin };
}
