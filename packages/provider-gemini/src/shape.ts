/**
 * The fields of Gemini's answers that this provider reads, by kind of answer: what `wire.ts` says, as plain data for
 * `checkDrift` of `@vibe/contract-tests`. A field that is gone or has another type in new traffic breaks the provider.
 */

/** Every answer of generateContent. */
const answer = {
  candidates: 'array',
  'candidates[].content': 'object',
  'candidates[].content.parts': 'array',
  'candidates[].finishReason': 'string',
  'candidates[].index': 'number',
  usageMetadata: 'object',
  'usageMetadata.promptTokenCount': 'number',
  'usageMetadata.candidatesTokenCount': 'number',
  'usageMetadata.promptTokensDetails': 'array',
  'usageMetadata.promptTokensDetails[].modality': 'string',
  'usageMetadata.promptTokensDetails[].tokenCount': 'number',
  modelVersion: 'string',
  responseId: 'string',
} as const;

const text = { 'candidates[].content.parts[].text': 'string' } as const;
const media = {
  'candidates[].content.parts[].inlineData': 'object',
  'candidates[].content.parts[].inlineData.mimeType': 'string',
  'candidates[].content.parts[].inlineData.data': 'string',
  'usageMetadata.candidatesTokensDetails': 'array',
  'usageMetadata.candidatesTokensDetails[].modality': 'string',
  'usageMetadata.candidatesTokensDetails[].tokenCount': 'number',
} as const;
const words = 'string|null';
const count = 'number|null';
const part = 'candidates[].content.parts[]';
const details = ['promptTokensDetails', 'cacheTokensDetails', 'candidatesTokensDetails'];

/** What only some answers have: other models, other places (Vertex), Google's own tools. */
const optional: Readonly<Record<string, string>> = {
  candidates: 'array|null',
  'candidates[].index': count,
  'candidates[].content': 'object|null',
  'candidates[].content.parts': 'array|null',
  'candidates[].finishReason': words,
  'candidates[].groundingMetadata': 'object|null',
  'candidates[].groundingMetadata.webSearchQueries': 'array|null',
  [`${part}.text`]: words,
  [`${part}.thought`]: 'boolean|null',
  [`${part}.thoughtSignature`]: words,
  [`${part}.inlineData`]: 'object|null',
  [`${part}.inlineData.mimeType`]: 'string',
  [`${part}.inlineData.data`]: 'string',
  [`${part}.fileData`]: 'object|null',
  [`${part}.fileData.mimeType`]: words,
  [`${part}.fileData.fileUri`]: 'string',
  [`${part}.functionCall`]: 'object|null',
  [`${part}.functionCall.id`]: words,
  [`${part}.functionCall.name`]: words,
  [`${part}.functionCall.args`]: 'object|null',
  [`${part}.functionCall.willContinue`]: 'boolean|null',
  [`${part}.functionCall.partialArgs`]: 'array|null',
  [`${part}.functionCall.partialArgs[].jsonPath`]: 'string',
  [`${part}.functionCall.partialArgs[].stringValue`]: words,
  [`${part}.functionCall.partialArgs[].numberValue`]: count,
  [`${part}.functionCall.partialArgs[].boolValue`]: 'boolean|null',
  [`${part}.functionResponse`]: 'object|null',
  [`${part}.functionResponse.id`]: words,
  [`${part}.functionResponse.name`]: words,
  [`${part}.functionResponse.response`]: 'object|null',
  // kept whole for the next turn
  [`${part}.executableCode`]: 'object|null',
  [`${part}.codeExecutionResult`]: 'object|null',
  [`${part}.toolCall`]: 'object|null',
  [`${part}.toolResponse`]: 'object|null',
  promptFeedback: 'object|null',
  'promptFeedback.blockReason': words,
  'promptFeedback.blockReasonMessage': words,
  usageMetadata: 'object|null',
  'usageMetadata.promptTokenCount': count,
  'usageMetadata.cachedContentTokenCount': count,
  'usageMetadata.candidatesTokenCount': count,
  'usageMetadata.thoughtsTokenCount': count,
  'usageMetadata.toolUsePromptTokenCount': count,
  'usageMetadata.serviceTier': words,
  'usageMetadata.trafficType': words,
  ...Object.fromEntries(
    details.flatMap((name) => [
      [`usageMetadata.${name}`, 'array|null'],
      [`usageMetadata.${name}[].modality`, words],
      [`usageMetadata.${name}[].tokenCount`, count],
    ]),
  ),
  modelVersion: words,
  responseId: words,
  error: 'object|string|null',
};
/** What is kept as it is, with keys that are nobody's here. */
const opaque = [
  'functionCall.args',
  'functionResponse.response',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
].map((name) => `${part}.${name}`);
const optionalFile = { 'file.error': 'object|null', 'file.error.message': words };
const optionalError = {
  'error.details[].reason': words,
  'error.details[].retryDelay': words,
  'error.details[].violations': 'array|null',
  'error.details[].violations[].quotaId': words,
  'error.details[].violations[].quotaMetric': words,
  'error.details[].violations[].quotaValue': words,
  'error.details[].metadata': 'object|null',
  'error.details[].metadata.quota_limit': words,
  'error.details[].metadata.quota_limit_value': words,
} as const;

/** Sent beside them and not needed. */
const knows = ['candidates[].content.role', 'usageMetadata.totalTokenCount'];
const file = {
  name: 'string',
  uri: 'string',
  mimeType: 'string',
  sizeBytes: 'string',
  state: 'string',
  expirationTime: 'string',
};
/** The same below `file`. */
const uploaded: Readonly<Record<string, string>> = {
  file: 'object',
  ...Object.fromEntries(Object.entries(file).map(([name, type]) => [`file.${name}`, type])),
};

export const geminiShape = {
  provider: 'gemini',
  kinds: {
    /** A chat, whole or in events; the model thinks. */
    chat: { reads: { ...answer, ...text, 'usageMetadata.thoughtsTokenCount': 'number' }, optional, knows, opaque },
    /** A chat that does not think. */
    plain: { reads: { ...answer, ...text }, optional, knows, opaque },
    /** A chat that shows its thoughts, by a model from 3 on. */
    thoughts: {
      reads: {
        ...answer,
        ...text,
        'candidates[].content.parts[].thought': 'boolean',
        'candidates[].content.parts[].thoughtSignature': 'string',
        'usageMetadata.thoughtsTokenCount': 'number',
      },
      optional,
      knows,
      opaque,
    },
    /** A chat with a part of its prompt from a cache. */
    cached: {
      reads: {
        ...answer,
        ...text,
        'usageMetadata.cachedContentTokenCount': 'number',
        'usageMetadata.cacheTokensDetails': 'array',
        'usageMetadata.cacheTokensDetails[].modality': 'string',
        'usageMetadata.cacheTokensDetails[].tokenCount': 'number',
      },
      optional,
      knows,
      opaque,
    },
    /** A chat that calls tools, by a model from 3 on. */
    tools: {
      reads: {
        ...answer,
        'candidates[].content.parts[].functionCall': 'object',
        'candidates[].content.parts[].functionCall.id': 'string',
        'candidates[].content.parts[].functionCall.name': 'string',
        'candidates[].content.parts[].functionCall.args': 'object',
        'candidates[].content.parts[].thoughtSignature': 'string',
      },
      optional,
      knows,
      opaque,
    },
    /** A prompt that was blocked. */
    blocked: {
      reads: {
        promptFeedback: 'object',
        'promptFeedback.blockReason': 'string',
        usageMetadata: 'object',
        'usageMetadata.promptTokenCount': 'number',
        modelVersion: 'string',
      },
      optional,
    },
    picture: { reads: { ...answer, ...media }, optional, knows, opaque },
    speech: { reads: { ...answer, ...media }, optional, knows, opaque },
    imagen: {
      reads: {
        predictions: 'array',
        'predictions[].bytesBase64Encoded': 'string',
        'predictions[].mimeType': 'string',
        'predictions[].raiFilteredReason': 'string',
      },
      optional: { 'predictions[].gcsUri': words },
    },
    upload: {
      reads: uploaded,
      optional: optionalFile,
    },
    file: { reads: file, optional: { error: 'object|null', 'error.message': words } },
    /** A 429 with all that it can say. */
    error: {
      reads: {
        error: 'object',
        'error.code': 'number',
        'error.message': 'string',
        'error.status': 'string',
        'error.details': 'array',
        'error.details[].violations': 'array',
        'error.details[].violations[].quotaId': 'string',
        'error.details[].violations[].quotaMetric': 'string',
        'error.details[].violations[].quotaValue': 'string',
        'error.details[].retryDelay': 'string',
      },
      optional: optionalError,
    },
    /** A model that is not there. */
    notFound: {
      reads: { error: 'object', 'error.code': 'number', 'error.message': 'string', 'error.status': 'string' },
      optional: { 'error.details': 'array|null', ...optionalError },
    },
    /** A refused key. */
    refusal: {
      reads: {
        error: 'object',
        'error.code': 'number',
        'error.message': 'string',
        'error.status': 'string',
        'error.details': 'array',
        'error.details[].reason': 'string',
      },
      optional: optionalError,
    },
  },
} as const;
