import type { ModelManifest } from '../spec/provider.js';
import type { Usage } from '../spec/usage.js';
import { attributeNames, type MetricNames, metricNames, type Semconv, tokenBuckets } from './names.js';
import type { Attributes, OtelCounter, OtelMeter } from './otel-api.js';
import { byModality, restModality, tokenCountsOf } from './token-counts.js';

/** Measures the tokens of one attempt. `usage` null: provably none. */
export type RecordTokens = (usage: Usage | null, manifest: ModelManifest, attributes: Attributes) => void;

/**
 * Only what a provider has reported is measured, as the conventions demand; our own count of a cut stream is in the
 * attributes of its span and in the cost.
 */
export function tokenRecorder(meter: OtelMeter, semconv: Semconv): RecordTokens {
  const { tokenUsage, usage, perOperation } = metricNames[semconv];
  if (tokenUsage !== null) return asOneHistogram(meter, tokenUsage, semconv);
  const counters = usage === null ? null : asCounters(meter, usage, semconv);
  const histograms = perOperation === null ? null : asHistograms(meter, perOperation);
  return (...measured) => {
    counters?.(...measured);
    histograms?.(...measured);
  };
}

/** v1.41: one histogram, divided by `gen_ai.token.type`. */
function asOneHistogram(meter: OtelMeter, name: string, semconv: Semconv): RecordTokens {
  const { tokenType } = attributeNames[semconv];
  const histogram = meter.createHistogram(name, tokens('Tokens used by an attempt.'));
  return (usage, _manifest, attributes) => {
    if (usage === null || usage.unknown) return;
    const { input, output } = tokenCountsOf(usage.quantities);
    if (input !== undefined) histogram.record(input, { ...attributes, [tokenType]: 'input' });
    if (output !== undefined) histogram.record(output, { ...attributes, [tokenType]: 'output' });
  };
}

/** Latest: a counter per kind, divided by modality. An attempt without reported usage counts 0, as `unknown`. */
function asCounters(meter: OtelMeter, names: NonNullable<MetricNames['usage']>, semconv: Semconv): RecordTokens {
  const { tokenModality } = attributeNames[semconv];
  const counter = (name: string, description: string) => meter.createCounter(name, { unit: '{token}', description });
  const input = counter(names.input, 'Input tokens used, with those from a cache.');
  const output = counter(names.output, 'Output tokens used, with those of reasoning.');
  const cacheRead = counter(names.cacheRead, 'Input tokens that came from a cache of the provider.');
  const cacheWrite = counter(names.cacheWrite, 'Input tokens that were written to a cache of the provider.');
  const reasoning = counter(names.reasoning, 'Output tokens used for reasoning.');
  return (usage, manifest, attributes) => {
    const quantities = usage === null || usage.unknown ? {} : usage.quantities;
    const add = (to: OtelCounter, count: number | undefined, modality: string) => {
      if (count !== undefined) to.add(count, { ...attributes, [tokenModality]: modality });
    };
    const sides = [
      ['input', input],
      ['output', output],
    ] as const;
    for (const [side, to] of sides) {
      const counts = byModality(quantities, side, manifest);
      if (counts.length === 0) add(to, 0, 'unknown');
      for (const [modality, count] of counts) add(to, count, modality);
    }
    const counts = tokenCountsOf(quantities);
    add(cacheRead, counts.cacheRead, restModality(manifest.input));
    add(cacheWrite, counts.cacheWrite, restModality(manifest.input));
    add(reasoning, counts.reasoning, 'text');
  };
}

/** Latest: how the tokens are spread over attempts. */
function asHistograms(meter: OtelMeter, names: NonNullable<MetricNames['perOperation']>): RecordTokens {
  const input = meter.createHistogram(names.input, tokens('Input tokens of an attempt.'));
  const output = meter.createHistogram(names.output, tokens('Output tokens of an attempt.'));
  return (usage, _manifest, attributes) => {
    if (usage === null || usage.unknown) return;
    const counts = tokenCountsOf(usage.quantities);
    if (counts.input !== undefined) input.record(counts.input, attributes);
    if (counts.output !== undefined) output.record(counts.output, attributes);
  };
}

function tokens(description: string) {
  return { unit: '{token}', description, advice: { explicitBucketBoundaries: tokenBuckets } };
}
