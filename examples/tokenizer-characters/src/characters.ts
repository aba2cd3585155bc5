import { chatTexts, definePlugin, type Tokenizer } from '@vibe/core';

export interface CharactersOptions {
  /** Models whose ratio is known. */
  readonly models: readonly string[];
  /** Characters that a token has at the least, measured on your own texts. */
  readonly charactersPerToken: number;
  /** Tokens that every message has besides its text. Default 8. */
  readonly perMessage?: number;
}

/** Counts the tokens of texts by their length. Without it Vibe holds the upper bound, one token per byte in the worst case. */
const characters = definePlugin({
  name: '@vibe/example-tokenizer-characters',
  specVersion: 'v1',
  create: ({ models, charactersPerToken, perMessage = 8 }: CharactersOptions): Tokenizer => ({
    kind: 'tokenizer',
    matches: ({ model }) => models.includes(model),
    count: (request) => {
      // All words that are sent: the tools, their calls and the schema of the answer too.
      const { texts } = chatTexts(request);
      const length = texts.reduce((sum, text) => sum + [...text].length, 0);
      return Math.ceil(length / charactersPerToken) + perMessage * request.messages.length;
    },
  }),
});
export default characters;
