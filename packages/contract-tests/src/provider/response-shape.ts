import { deepStrictEqual, ok } from 'node:assert/strict';
import type { AttemptRecord, Cost, GenerationResponse, ProviderMeta, Timing } from '@vibe/core';

type Kind = 'string' | 'number' | 'object' | 'list';
type Shape<T> = Readonly<Record<keyof T, readonly (Kind | 'null')[]>>;

const text = ['string'] as const;
const textOrNull = ['string', 'null'] as const;
const count = ['number'] as const;
const countOrNull = ['number', 'null'] as const;
const objectOrNull = ['object', 'null'] as const;
const list = ['list'] as const;

/** Every key of a response with what may stand there. A key that is added to the type is missing here until it compiles. */
const response: Shape<GenerationResponse> = {
  id: text,
  traceId: text,
  status: text,
  content: list,
  text,
  object: ['object', 'list', 'string', 'number', 'null'],
  finishReason: text,
  rawFinishReason: textOrNull,
  usage: objectOrNull,
  providerMeta: ['object'],
  timing: ['object'],
  cost: ['object'],
  attempts: list,
  downgradedFrom: objectOrNull,
  warnings: list,
  plan: objectOrNull,
};

const providerMeta: Shape<ProviderMeta> = {
  provider: text,
  profile: text,
  endpoint: text,
  region: text,
  model: text,
  servedModel: textOrNull,
  requestId: textOrNull,
};

const timing: Shape<Timing> = { ttftMs: countOrNull, totalMs: count, waitMs: count, retryMs: count, attempts: count };

const cost: Shape<Cost> = {
  estimatedUsd: countOrNull,
  actualUsd: countOrNull,
  actualNanoUsd: countOrNull,
  lines: list,
};

const attempt: Shape<AttemptRecord> = {
  attempt: count,
  startedAtMs: count,
  target: ['object'],
  status: text,
  errorCode: textOrNull,
  errorMessage: textOrNull,
  httpStatus: countOrNull,
  servedModel: textOrNull,
  requestId: textOrNull,
  finishReason: textOrNull,
  rawFinishReason: textOrNull,
  usage: objectOrNull,
  estimatedNanoUsd: countOrNull,
  actualNanoUsd: countOrNull,
  lines: list,
  currency: textOrNull,
  fxRate: countOrNull,
  ttftMs: countOrNull,
  totalMs: count,
  waitMs: count,
  retryMs: count,
};

/** Every key is there, with a value of its kind; what is unknown is null. */
export function assertResponseShape(value: GenerationResponse, what: string): void {
  assertShape(value, response, what);
  assertShape(value.providerMeta, providerMeta, `${what}.providerMeta`);
  assertShape(value.timing, timing, `${what}.timing`);
  assertShape(value.cost, cost, `${what}.cost`);
  for (const [index, record] of value.attempts.entries()) assertShape(record, attempt, `${what}.attempts[${index}]`);
}

function assertShape<T extends object>(value: T, shape: Shape<T>, what: string): void {
  const keys = Object.keys(shape) as (keyof T)[];
  deepStrictEqual(Object.keys(value).sort(), [...keys].sort(), `the keys of ${what}`);
  for (const key of keys) {
    const kind = kindOf(value[key]);
    ok(
      (shape[key] as readonly string[]).includes(kind),
      `${what}.${String(key)} is ${kind}, expected ${shape[key].join(' or ')}`,
    );
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return Number.isNaN(value) ? 'NaN' : typeof value;
}
