import { VibeError } from '../errors/vibe-error.js';
import {
  anything,
  bad,
  boolean,
  type Check,
  count,
  listOf,
  mapOf,
  meant,
  ms,
  numberIn,
  oneOf,
  policy,
  retryOptions,
  shape,
  string,
  tier,
  timeoutOptions,
  usd,
} from './checks.js';

type Fields = Readonly<Record<string, Check>>;

/**
 * The keys of a single request, with the same messages but the code of a wrong request. An unknown one is refused: a
 * misspelt `maxCostUsd` would otherwise be none. Runs for every call.
 */
export function checkRequestSettings(operation: keyof typeof requestFields, request: Record<string, unknown>): void {
  const fields: Fields = requestFields[operation];
  for (const key in request) {
    const value = request[key];
    if (value === undefined) continue;
    const check = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (check === undefined) throw unknownKey(key, fields);
    try {
      check(value, key);
    } catch (thrown) {
      const error = VibeError.from(thrown);
      throw new VibeError('invalid_request', error.message, { details: error.details, next: error.next });
    }
  }
}

function unknownKey(key: string, fields: Fields): VibeError {
  return new VibeError(
    'invalid_request',
    `${key}: unknown key of a request${meant(key, fields)}. Known are ${Object.keys(fields).join(', ')}. Nothing was sent.`,
    {
      details: { path: key },
      next: [`Correct ${key}. What is meant for one provider goes into providerOptions, under the provider's id.`],
    },
  );
}

const ofEveryRequest: Fields = {
  model: string,
  route: policy,
  regions: listOf(string),
  minTier: tier,
  maxCostUsd: usd,
  tags: mapOf((value, path) => {
    if (typeof value !== 'string') throw bad(path, 'a string', value);
  }),
  timeout: timeoutOptions,
  retry: retryOptions,
  waitOnRateLimit: boolean,
  maxWaitMs: ms,
  onCancel: oneOf('abort', 'drain'),
  dryRun: boolean,
  idempotencyKey: string,
  traceId: string,
  providerOptions: mapOf(anything),
  signal: anything,
};

const reasoningBudget = shape({ budgetTokens: numberIn(0, 10_000_000, true) }, ['budgetTokens']);
const reasoningEffort = oneOf('off', 'low', 'medium', 'high');

/** Providers translate these words: one that nobody knows would be sent as nothing. */
const namedTool = shape({ name: string }, ['name']);
const toolWords = oneOf('auto', 'none', 'required');
const toolChoice: Check = (value, path) => {
  if (typeof value === 'object') namedTool(value, path);
  else toolWords(value, path);
};

/** A Standard Schema may be a function. */
const output: Check = (value, path) => {
  const isSchema =
    (typeof value === 'object' && value !== null && !Array.isArray(value)) || typeof value === 'function';
  if (!isSchema) throw bad(path, 'a JSON Schema or a Standard Schema', value);
};

const ofChats: Fields = {
  ...ofEveryRequest,
  prompt: anything,
  system: anything,
  messages: anything,
  tools: listOf(anything),
  toolChoice,
  output,
  maxOutputTokens: count,
  countTokens: boolean,
  temperature: numberIn(0, 10),
  topP: numberIn(0, 1),
  stop: listOf(string),
  seed: numberIn(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true),
  reasoning: (value, path) => {
    if (typeof value === 'object') reasoningBudget(value, path);
    else reasoningEffort(value, path);
  },
};

/** What `anything` takes is looked at where the request is put into its normal form. */
const requestFields = {
  chat: ofChats,
  transcribe: { ...ofEveryRequest, audio: anything, language: string },
  speak: { ...ofEveryRequest, text: anything, voice: string, format: oneOf('wav', 'mp3', 'pcm') },
  paint: { ...ofEveryRequest, prompt: anything, count: anything, size: string, images: listOf(anything) },
} as const;
