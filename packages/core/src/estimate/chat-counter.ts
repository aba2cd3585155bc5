import type { ChatRequest } from '../spec/request.js';
import type { Tokenizer } from '../spec/tokenizer.js';
import { chatTexts, piecesOf } from './chat-texts.js';

/**
 * For tokenizer plugins: `count` with a vocabulary that the first count loads, so that a client which never counts never
 * pays for it. Afterwards it answers at once. `load` resolves with what counts the tokens of a text; when it fails, so does
 * the count, and the next one tries again. `family`: whose roles and separators stand around the messages (`chatTexts`).
 */
export function chatCounter(load: () => Promise<(text: string) => number>, family?: string): Tokenizer['count'] {
  let loading: Promise<(text: string) => number> | null = null;
  let loaded: ((text: string) => number) | null = null;
  const begin = async () => {
    loaded = await load();
    return loaded;
  };
  return (request) => {
    if (loaded !== null) return counted(loaded, request, family);
    if (loading === null) {
      loading = begin();
      loading.catch(() => {
        loading = null;
      });
    }
    return loading.then((countTokens) => counted(countTokens, request, family));
  };
}

function counted(countTokens: (text: string) => number, request: ChatRequest, family: string | undefined): number {
  const { texts, tokensAround } = chatTexts(request, family);
  let tokens = tokensAround;
  for (const text of texts) for (const piece of piecesOf(text)) tokens += countTokens(piece);
  return tokens;
}
