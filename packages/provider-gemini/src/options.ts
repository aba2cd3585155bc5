import * as z from 'zod';

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).transform(withoutSlash);
const parts = z.enum(['text', 'reasoning', 'image', 'audio', 'file_ref', 'tool_call', 'tool_result']);

const modelOverride = z.object({
  id: z.string().min(1),
  operations: z.array(z.string()).optional(),
  input: z.array(parts).optional(),
  output: z.array(parts).optional(),
  streams: z.union([z.boolean(), z.literal('only')]).optional(),
  tools: z.boolean().optional(),
  structured: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  tier: z.enum(['economy', 'standard', 'premium']).optional(),
  contextTokens: z.int().positive().optional(),
  maxOutputTokens: z.int().positive().optional(),
  aliases: z.array(z.string()).optional(),
  endpoints: z.array(z.string()).optional(),
});

const endpoint = z.strictObject({
  /** How `gemini@id/model` names it. */
  id: z.string().min(1),
  region: z.string().min(1).default('global'),
  /** Up to and without `/models`. */
  baseUrl: address,
  apiKey: z.string().optional(),
  /** Environment variable with the key. Default: `GEMINI_API_KEY`, then `GOOGLE_API_KEY`. */
  keyEnv: z.string().min(1).optional(),
});

/** Options of `gemini()`. All are optional. */
export const geminiOptions = z.strictObject({
  /** Default: `GEMINI_API_KEY`, then `GOOGLE_API_KEY`, looked up at each call. */
  apiKey: z.string().optional(),
  /** Variable with the key, in place of `GEMINI_API_KEY` and `GOOGLE_API_KEY`. Gives each profile a key of its own. */
  keyEnv: z.string().min(1).optional(),
  /** Replaces host and path prefix: `https://host/v1beta`. */
  baseUrl: address.optional(),
  profile: z.string().min(1).optional(),
  /** Exactly these places, instead of Google's. */
  endpoints: z.array(endpoint).min(1).optional(),
  /** Adds models, or changes fields of known ones. */
  models: z.array(modelOverride).optional(),
});

export type GeminiOptions = z.input<typeof geminiOptions>;

/** The options with defaults and checked addresses. */
export type GeminiSettings = z.output<typeof geminiOptions>;

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
