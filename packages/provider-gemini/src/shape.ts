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

export const geminiShape = {
  provider: 'gemini',
  kinds: {
    /** A chat, whole or in events; the model thinks. */
    chat: { reads: { ...answer, ...text, 'usageMetadata.thoughtsTokenCount': 'number' }, knows },
    /** A chat that does not think. */
    plain: { reads: { ...answer, ...text }, knows },
    /** A chat that shows its thoughts, by a model from 3 on. */
    thoughts: {
      reads: {
        ...answer,
        ...text,
        'candidates[].content.parts[].thought': 'boolean',
        'candidates[].content.parts[].thoughtSignature': 'string',
        'usageMetadata.thoughtsTokenCount': 'number',
      },
      knows,
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
      knows,
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
      knows,
      opaque: ['candidates[].content.parts[].functionCall.args'],
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
    },
    picture: { reads: { ...answer, ...media }, knows },
    speech: { reads: { ...answer, ...media }, knows },
    imagen: {
      reads: {
        predictions: 'array',
        'predictions[].bytesBase64Encoded': 'string',
        'predictions[].mimeType': 'string',
        'predictions[].raiFilteredReason': 'string',
      },
    },
    upload: {
      reads: Object.fromEntries([
        ['file', 'object'],
        ...Object.entries(file).map(([name, type]) => [`file.${name}`, type]),
      ]),
    },
    file: { reads: file },
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
    },
    /** A model that is not there. */
    notFound: {
      reads: { error: 'object', 'error.code': 'number', 'error.message': 'string', 'error.status': 'string' },
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
    },
  },
} as const;
