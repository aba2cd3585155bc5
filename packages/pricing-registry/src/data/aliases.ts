import { type AliasRow, earliestDate } from '../rows.js';

type Origin = Pick<AliasRow, 'source' | 'verifiedAt'>;

const modelsDev: Origin = { source: 'anomalyco/models.dev: same prices as the model', verifiedAt: '2026-07-02' };
const shutdowns: Origin = {
  source: 'Gemini API changelog: preview shut down, followed by the model',
  verifiedAt: '2026-08-21',
};
const septemberPreviews: Origin = {
  source: 'third-party price lists give the preview the prices of the model',
  verifiedAt: '2026-08-21',
};

/** Dated snapshots and moving names. Nothing is guessed from a prefix: what is not here or in the lists is unpriced. */
export const builtInAliases: readonly AliasRow[] = [
  ...same('gemini', 'gemini-2.5-pro', ['gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro-preview-06-05'], {
    source: 'pydantic/genai-prices 47df840 prices/providers/google.yml',
    verifiedAt: '2026-08-21',
  }),
  ...same('gemini', 'gemini-2.5-flash', ['gemini-2.5-flash-preview-09-2025'], septemberPreviews),
  ...same('gemini', 'gemini-2.5-flash-lite', ['gemini-2.5-flash-lite-preview-09-2025'], septemberPreviews),
  ...same('gemini', 'gemini-2.0-flash', ['gemini-2.0-flash-001'], modelsDev),
  ...same('gemini', 'gemini-2.0-flash-lite', ['gemini-2.0-flash-lite-001'], modelsDev),
  ...same('gemini', 'gemini-3.6-flash', ['gemini-flash-latest'], {
    source: 'recorded answers of gemini-flash-latest name gemini-3.6-flash; the alias moves without notice',
    verifiedAt: '2026-08-05',
  }),
  ...same('gemini', 'gemini-3.1-pro-preview', ['gemini-pro-latest', 'gemini-3.1-pro-preview-customtools'], modelsDev),
  ...same('gemini', 'gemini-3.1-pro-preview', ['gemini-3-pro-preview'], {
    source: 'shut down 2026-03-09 and answered by gemini-3.1-pro-preview (18 recordings); same prices before',
    verifiedAt: '2026-08-19',
  }),
  ...same('gemini', 'gemini-3.1-flash-lite', ['gemini-3.1-flash-lite-preview'], shutdowns),
  ...same('gemini', 'gemini-3.1-flash-image', ['gemini-3.1-flash-image-preview'], shutdowns),
  ...same('gemini', 'gemini-3-pro-image', ['gemini-3-pro-image-preview'], shutdowns),
  ...same('gemini', 'gemini-2.5-flash-image', ['gemini-2.5-flash-image-preview'], shutdowns),
  ...rerouted('gemini', 'gemini-2.5-pro', 'gemini-3.8-flash', '2026-12-01'),
  ...rerouted('gemini', 'gemini-2.5-flash', 'gemini-3.5-flash-lite', '2026-12-01'),

  ...same(
    'qwen',
    'qwen-plus',
    snapshots('qwen-plus', '2025-04-28', '2025-07-14', '2025-07-28', '2025-09-11', '2025-12-01'),
    modelsDev,
  ),
  ...same('qwen', 'qwen-flash', snapshots('qwen-flash', '2025-07-28'), modelsDev),
  ...same('qwen', 'qwen-turbo', ['qwen-turbo-latest', 'qwen-turbo-2025-04-28'], {
    source: 'alibabacloud.com/help/en/model-studio/qwen-turbo: functionally equivalent to qwen-turbo-2025-04-28',
    verifiedAt: '2026-11-22',
  }),
  ...same('qwen', 'qwen3-max', snapshots('qwen3-max', '2025-09-23', '2026-01-23'), modelsDev),
  ...same('qwen', 'qwen3-coder-plus', snapshots('qwen3-coder-plus', '2025-07-22', '2025-09-23'), modelsDev),
  ...same('qwen', 'qwen3-coder-flash', snapshots('qwen3-coder-flash', '2025-07-28'), modelsDev),
  ...same('qwen', 'qwen3-vl-plus', snapshots('qwen3-vl-plus', '2025-12-19'), {
    source: 'help.aliyun.com model page of qwen3-vl-plus (copy): same version as qwen3-vl-plus-2025-12-19',
    verifiedAt: '2026-11-22',
  }),
  ...same('qwen', 'qwen3-asr-flash', snapshots('qwen3-asr-flash', '2025-09-08', '2026-02-10'), modelsDev),
  ...same('qwen', 'qwen3-asr-flash-filetrans', snapshots('qwen3-asr-flash-filetrans', '2025-11-17'), modelsDev),
];

function same(provider: string, model: string, names: readonly string[], origin: Origin): AliasRow[] {
  return names.map((alias) => ({ provider, alias, model, kind: 'same', effectiveFrom: earliestDate, ...origin }));
}

function rerouted(provider: string, alias: string, model: string, effectiveFrom: string): AliasRow[] {
  return [
    {
      provider,
      alias,
      model,
      kind: 'rerouted',
      effectiveFrom,
      source: "dev.to/aideprecations quoting Google's deprecations page: billed at the rates of the new model",
      verifiedAt: '2026-11-10',
    },
  ];
}

function snapshots(model: string, ...days: readonly string[]): string[] {
  return days.map((day) => `${model}-${day}`);
}
