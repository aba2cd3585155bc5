import { earliestDate, type FxRow } from '../rows.js';

/**
 * Exchange rates for price lists that are not in USD. The rate behind a bill is stored with it. Override them with the
 * `currencies` option to match the rate of your invoices.
 */
export const builtInCurrencies: readonly FxRow[] = [
  {
    currency: 'CNY',
    usdPerUnit: '0.1433525',
    effectiveFrom: earliestDate,
    source:
      'the rate by which models.dev (f3fc692) and Alibaba convert Beijing list prices: CNY 10 = USD 1.433525, CNY 30 = USD 4.300576, CNY 6 = USD 0.861 (6.976 CNY per USD)',
    verifiedAt: '2026-07-02',
    conflicts: [
      'mid-market 2026-08-26: 6.72 CNY per USD, 3.8 % dearer (models.dev, note in alibaba-cn/qwen3.8-flash)',
      'Alibaba, English Beijing price of qwen3.7-max: CNY 12 = USD 1.65, 7.27 CNY per USD (models.dev, note in alibaba-cn/qwen3.8-max)',
    ],
  },
];
