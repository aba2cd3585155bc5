import type { ChatRequest } from '../spec/request.js';
import { tokensAround } from './framing.js';
import { addChatText } from './request-text.js';

/** What a tokenizer counts of a chat. */
export interface ChatTexts {
  /** All words that are sent, tools and schemas included; no pictures, sounds or files. */
  readonly texts: readonly string[];
  /** Tokens that stand around them: roles, separators, how a service presents tools. A bound, not a count. */
  readonly tokensAround: number;
}

/** For tokenizer plugins: the same texts that the built-in bound looks at. `family` as in `Provider.tokenFamily`; default any. */
export function chatTexts(request: ChatRequest, family?: string): ChatTexts {
  const texts: string[] = [];
  const frame = addChatText({ add: (text) => void texts.push(text) }, request);
  return { texts, tokensAround: tokensAround(frame, family) };
}

/**
 * A text in pieces of at most `maxRun` characters between two blanks or ASCII marks. Tokenizers of the BPE kind take time in
 * the square of such a run, so one of 60,000 characters blocks for a minute. A cut adds at most a few tokens.
 */
export function piecesOf(text: string, maxRun = 256): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let run = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 48 || (unit > 57 && unit < 65)) {
      run = 0;
      continue;
    }
    // never between the halves of a pair
    if (++run <= maxRun || (unit >= 0xdc00 && unit < 0xe000)) continue;
    pieces.push(text.slice(start, index));
    start = index;
    run = 1;
  }
  if (start < text.length) pieces.push(text.slice(start));
  return pieces;
}
