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
  /** How `qwen@id/model` names it. */
  id: z.string().min(1),
  region: z.string().min(1),
  /** Up to and without `/chat/completions`; a workspace domain, for example. */
  baseUrl: address,
  /** The native API of the same place. Default: derived when `baseUrl` ends as Alibaba's do. */
  nativeBaseUrl: address.optional(),
  /** Further places where results of this endpoint may lie, besides Alibaba's storage of its region. */
  mediaHosts: z.array(address).optional(),
  apiKey: z.string().optional(),
  /** Environment variable with the key. Default: that of the region. */
  keyEnv: z.string().min(1).optional(),
});

/** Options of `qwen()`. All are optional. */
export const qwenOptions = z.strictObject({
  /** Key of the configured region. Default: `DASHSCOPE_API_KEY`, looked up at each call. */
  apiKey: z.string().optional(),
  /**
   * Variable with the key of the configured region, in place of `DASHSCOPE_API_KEY`; other regions add theirs (`_SG`). Gives
   * each profile a key of its own.
   */
  keyEnv: z.string().min(1).optional(),
  /** The region that `apiKey` and `DASHSCOPE_API_KEY` belong to: keys are bound to their region. */
  region: z.enum(['cn', 'sg', 'us', 'hk']).default('cn'),
  /** Replaces host and path prefix of the configured region; the other regions then do not exist. */
  baseUrl: address.optional(),
  nativeBaseUrl: address.optional(),
  /** Which API chats go over. Default: the compatible mode. Speech, recognition and pictures are native always. */
  api: z.enum(['compatible', 'native']).default('compatible'),
  /** Further places where results may lie, such as `https://files.example`; they count as of the endpoint's region. */
  mediaHosts: z.array(address).optional(),
  /** Wait before the first look at a task, in ms; later waits grow to five times of it. Default 1,000. */
  pollMs: z.int().positive().max(60_000).default(1_000),
  profile: z.string().min(1).optional(),
  /** Exactly these places, instead of the four public regions. */
  endpoints: z.array(endpoint).min(1).optional(),
  /** Adds models, or changes fields of known ones. */
  models: z.array(modelOverride).optional(),
});

export type QwenOptions = z.input<typeof qwenOptions>;

/** The options with defaults and checked addresses. */
export type QwenSettings = z.output<typeof qwenOptions>;

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
