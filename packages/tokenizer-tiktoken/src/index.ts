import { chatCounter, definePlugin, type StandardSchema, type Tokenizer } from '@vibe/core';

export interface TiktokenOptions {
  /** Default `o200k_base`, of gpt-4o and later; `cl100k_base` is that of gpt-4 and gpt-3.5. */
  readonly encoding?: 'o200k_base' | 'cl100k_base' | undefined;
  /** Ids of the providers whose models are counted. Default: all but `qwen` and `gemini`, which have other vocabularies. */
  readonly providers?: readonly string[] | undefined;
}

/** Counts as the vocabulary does. */
type CountTokens = (text: string) => number;

const encodings: Readonly<Record<NonNullable<TiktokenOptions['encoding']>, () => Promise<CountTokens>>> = {
  o200k_base: async () => counterOf(await import('gpt-tokenizer/encoding/o200k_base')),
  cl100k_base: async () => counterOf(await import('gpt-tokenizer/encoding/cl100k_base')),
};

/** Markers in a text are words of the user, not commands. */
const plainText = { disallowedSpecial: new Set<string>() };

function counterOf({ countTokens }: { countTokens: (text: string, options: typeof plainText) => number }): CountTokens {
  return (text) => countTokens(text, plainText);
}

/** The vocabulary is loaded by the first count; a client that never estimates never loads it. */
function tiktokenTokenizer({ encoding = 'o200k_base', providers }: TiktokenOptions): Tokenizer {
  return {
    kind: 'tokenizer',
    matches: ({ provider }) => providers?.includes(provider) ?? (provider !== 'qwen' && provider !== 'gemini'),
    count: chatCounter(encodings[encoding], 'openai'),
  };
}

const optionsSchema: StandardSchema<TiktokenOptions> = {
  '~standard': {
    version: 1,
    vendor: 'vibe',
    validate: (value) => {
      const { encoding, providers, ...others } = (value ?? {}) as Record<string, unknown>;
      const issues = Object.keys(others).map((key) => ({ message: 'unknown option', path: [key] }));
      if (encoding !== undefined && !(typeof encoding === 'string' && Object.hasOwn(encodings, encoding))) {
        issues.push({ message: `must be one of ${Object.keys(encodings).join(', ')}`, path: ['encoding'] });
      }
      if (providers !== undefined && !(Array.isArray(providers) && providers.every((id) => typeof id === 'string'))) {
        issues.push({ message: 'must be a list of provider ids', path: ['providers'] });
      }
      return issues.length > 0 ? { issues } : { value: (value ?? {}) as TiktokenOptions };
    },
  },
};

/** Exact input tokens for models with OpenAI's vocabularies: `createVibe({ plugins: [provider, tokenizerTiktoken()] })`. */
export const tokenizerTiktoken = definePlugin<TiktokenOptions>({
  name: '@vibe/tokenizer-tiktoken',
  specVersion: 'v1',
  options: optionsSchema,
  create: tiktokenTokenizer,
});

export { tokenizerTiktoken as default };
