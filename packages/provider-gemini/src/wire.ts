import * as z from 'zod';

/**
 * What is read of Gemini's answers; everything else is ignored. Missing and null are the same. The fields are listed once
 * here, so that a change of the wire can be checked against them.
 */
const text = z.string().nullish();
const flag = z.boolean().nullish();
const count = z.number().nonnegative().nullish();
const counts = z.array(z.object({ modality: text, tokenCount: count })).nullish();

const partialArgument = z.object({
  jsonPath: z.string(),
  stringValue: text,
  numberValue: z.number().nullish(),
  boolValue: flag,
});

const functionCall = z.object({
  id: text,
  name: text,
  args: z.record(z.string(), z.unknown()).nullish(),
  /** Vertex only, when streamed arguments were asked for. */
  partialArgs: z.array(partialArgument).nullish(),
  willContinue: flag,
});

/** Loose: a part of an unknown kind is kept whole and sent back. */
const part = z.looseObject({
  text,
  thought: flag,
  thoughtSignature: text,
  inlineData: z.object({ mimeType: z.string(), data: z.string() }).nullish(),
  fileData: z.object({ mimeType: text, fileUri: z.string() }).nullish(),
  functionCall: functionCall.nullish(),
  functionResponse: z.looseObject({ id: text, name: text }).nullish(),
});

const usage = z.object({
  promptTokenCount: count,
  cachedContentTokenCount: count,
  candidatesTokenCount: count,
  thoughtsTokenCount: count,
  toolUsePromptTokenCount: count,
  promptTokensDetails: counts,
  cacheTokensDetails: counts,
  candidatesTokensDetails: counts,
  serviceTier: text,
  /** Vertex: ON_DEMAND, ON_DEMAND_FLEX, ON_DEMAND_PRIORITY, PROVISIONED_THROUGHPUT. */
  trafficType: text,
});

const candidate = z.object({
  index: count,
  content: z.object({ parts: z.array(part).nullish() }).nullish(),
  finishReason: text,
  /** Read with care: an answer must not be lost because of what stands around it. */
  groundingMetadata: z.unknown().optional(),
});

/** A whole answer, or one event of a stream: they have the same form. */
export const geminiAnswer = z.object({
  candidates: z.array(candidate).nullish(),
  promptFeedback: z.object({ blockReason: text, blockReasonMessage: text }).nullish(),
  usageMetadata: usage.nullish(),
  modelVersion: text,
  responseId: text,
  error: z.unknown().optional(),
});

export type GeminiAnswer = z.output<typeof geminiAnswer>;
export type GeminiPart = z.output<typeof part>;
export type GeminiFunctionCall = z.output<typeof functionCall>;
export type GeminiUsage = z.output<typeof usage>;

const file = z.object({
  name: text,
  uri: text,
  mimeType: text,
  /** Facts: a number as text. */
  sizeBytes: z.union([z.string(), z.number()]).nullish(),
  state: text,
  expirationTime: text,
  error: z.object({ message: text }).nullish(),
});

/** The end of an upload. */
export const uploadAnswer = z.object({ file: file.nullish(), error: z.unknown().optional() });
/** `GET files/…`. */
export const fileAnswer = file;
export type GeminiFile = z.output<typeof file>;
