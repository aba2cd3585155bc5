import type { VibeOptions } from '../spec/options.js';

/** THE TABLE: every name of a span, attribute, event and metric that leaves this package. */

export type Semconv = NonNullable<NonNullable<VibeOptions['telemetry']>['semconv']>;

/** Name of the tracer and of the meter. */
export const scopeName = '@vibe/core';

/** The conventions that a version follows, for the schema URL of spans and metrics; none is published for `latest`. */
export const schemaUrls: Readonly<Record<Semconv, string | null>> = {
  'v1.41': 'https://opentelemetry.io/schemas/1.41.0',
  latest: null,
};

/** Span of a call, by operation. The span of an attempt is `{gen_ai.operation.name} {gen_ai.request.model}`. */
export const callSpanNames: Readonly<Record<string, string>> = {
  chat: 'vibe.generate',
  transcribe: 'vibe.transcribe',
  speak: 'vibe.speak',
  paint: 'vibe.paint',
};

/** Attributes that are the same in both versions. `error.type` and `server.*` are stable, the rest of the conventions is not. */
const commonAttributes = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  maxTokens: 'gen_ai.request.max_tokens',
  temperature: 'gen_ai.request.temperature',
  topP: 'gen_ai.request.top_p',
  seed: 'gen_ai.request.seed',
  choiceCount: 'gen_ai.request.choice.count',
  outputType: 'gen_ai.output.type',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  tokenModality: 'gen_ai.token.modality',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  // Ours, where the conventions have nothing. Money in USD, times in seconds.
  callId: 'vibe.call.id',
  /** `ok`, `failed`, `cancelled`, `blocked`. */
  status: 'vibe.status',
  /** What the caller asked for; `gen_ai.request.model` is what was sent. */
  askedModel: 'vibe.request.model',
  policy: 'vibe.route',
  stream: 'vibe.stream',
  target: 'vibe.target',
  downgradedFrom: 'vibe.downgraded_from',
  /** Physical requests of the call. */
  attempts: 'vibe.attempts',
  /** Which of them this is, from 1. */
  attempt: 'vibe.attempt',
  profile: 'vibe.profile',
  endpoint: 'vibe.endpoint',
  region: 'vibe.region',
  cost: 'vibe.cost',
  estimatedCost: 'vibe.cost.estimated',
  held: 'vibe.held',
  /** Whose numbers the usage is made of: `provider`, `partial`, `estimated`. */
  usageSource: 'vibe.usage.source',
  limiterWait: 'vibe.limiter.wait',
  retryWait: 'vibe.retry.wait',
  strict: 'vibe.strict',
  budgets: 'vibe.budgets',
  place: 'vibe.place',
  from: 'vibe.from',
  to: 'vibe.to',
  /** An error code, or the code of a warning. */
  reason: 'vibe.reason',
} as const;

/** Those that differ. `latest` is the main branch of open-telemetry/semantic-conventions-genai. */
export const attributeNames: Readonly<Record<Semconv, AttributeNames>> = {
  'v1.41': { ...commonAttributes, cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens' },
  latest: { ...commonAttributes, cacheWriteTokens: 'gen_ai.usage.cache_write.input_tokens' },
};

type CommonAttributes = typeof commonAttributes;

export interface AttributeNames extends CommonAttributes {
  readonly cacheWriteTokens: string;
}

/** Events on the span of a call. Errors that were retried or failed over are told here, not in its status. */
export const eventNames = {
  hold: 'vibe.hold',
  extend: 'vibe.extend',
  wait: 'vibe.wait',
  retry: 'vibe.retry',
  failover: 'vibe.failover',
  downgrade: 'vibe.downgrade',
  warning: 'vibe.warning',
} as const;

const ownMetrics = {
  cost: 'vibe.cost',
  costUnknown: 'vibe.cost.unknown',
  held: 'vibe.held',
  limiterWait: 'vibe.limiter.wait',
  breakerState: 'vibe.breaker.state',
} as const;

/** Null: the version has no such metric. */
export const metricNames: Readonly<Record<Semconv, MetricNames>> = {
  'v1.41': {
    ...ownMetrics,
    duration: 'gen_ai.client.operation.duration',
    timeToFirstChunk: 'gen_ai.client.operation.time_to_first_chunk',
    tokenUsage: 'gen_ai.client.token.usage',
    usage: null,
    perOperation: null,
  },
  latest: {
    ...ownMetrics,
    duration: 'gen_ai.client.inference.duration',
    timeToFirstChunk: 'gen_ai.client.inference.time_to_first_chunk',
    tokenUsage: null,
    usage: {
      input: 'gen_ai.client.inference.usage.input_tokens',
      output: 'gen_ai.client.inference.usage.output_tokens',
      cacheRead: 'gen_ai.client.inference.usage.cache_read.input_tokens',
      cacheWrite: 'gen_ai.client.inference.usage.cache_write.input_tokens',
      reasoning: 'gen_ai.client.inference.usage.reasoning.output_tokens',
    },
    perOperation: {
      input: 'gen_ai.client.inference.operation.input_tokens',
      output: 'gen_ai.client.inference.operation.output_tokens',
    },
  },
};

type OwnMetrics = typeof ownMetrics;

export interface MetricNames extends OwnMetrics {
  readonly duration: string;
  readonly timeToFirstChunk: string;
  readonly tokenUsage: string | null;
  readonly usage: Readonly<Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning', string>> | null;
  readonly perOperation: Readonly<Record<'input' | 'output', string>> | null;
}

/** Bucket boundaries that the conventions ask for. */
export const secondBuckets = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
export const tokenBuckets = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

/** Well-known values of `gen_ai.provider.name` for provider ids that are called otherwise there. Qwen has none yet. */
const providerNames: Readonly<Record<string, string>> = {
  gemini: 'gcp.gemini',
  qwen: 'alibaba.dashscope',
  mistral: 'mistral_ai',
  moonshot: 'moonshot_ai',
  xai: 'x_ai',
};

export function providerName(id: string): string {
  return providerNames[id] ?? id;
}

/** `gen_ai.operation.name` of a chat, where it is not `chat`. All other operations are `generate_content`. */
export const chatOperationNames: Readonly<Record<string, string>> = { gemini: 'generate_content' };

/** `gen_ai.output.type` of the operations that ask for one. */
export const outputTypes: Readonly<Record<string, string>> = { transcribe: 'text', speak: 'speech', paint: 'image' };

/** Values of the gauge `vibe.breaker.state`. */
export const breakerStates = { closed: 0, half_open: 1, open: 2 } as const;
