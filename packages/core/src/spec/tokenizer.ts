import type { ChatRequest } from './request.js';
import type { Target } from './target.js';

/** Counts input tokens exactly where the generic estimator only knows an upper bound. */
export interface Tokenizer {
  readonly kind: 'tokenizer';
  matches(target: Target): boolean;
  count(request: ChatRequest): number | Promise<number>;
}
