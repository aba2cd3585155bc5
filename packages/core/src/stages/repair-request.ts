import { tokensAround } from '../estimate/framing.js';
import type { PriceBook } from '../estimate/price-book.js';
import { textTokens } from '../estimate/text-tokens.js';
import type { Candidate, HeldCall } from '../flow/live-call.js';
import { textOf } from '../flow/merge-content.js';
import type { ProviderResult } from '../spec/event.js';
import type { NanoUsd } from '../spec/money.js';
import type { ChatRequest } from '../spec/request.js';

/** How a model is asked to correct its answer. */
export interface Repair {
  readonly request: ChatRequest;
  /** What it costs at most beyond what the request without it does. */
  readonly extraNanoUsd: NanoUsd;
}

export interface RepairParts {
  readonly prices: PriceBook;
  readonly now: () => number;
}

/** The request with the wrong answer and the correction behind it. */
export function repairOf(
  parts: RepairParts,
  call: HeldCall,
  request: ChatRequest,
  { content }: ProviderResult,
  problem: string,
): Repair {
  const correction = `Your answer does not match the required JSON schema: ${problem}. Answer again with the corrected JSON only.`;
  const added = [textOf(content), correction];
  const costs = call.candidates.map((candidate) => extraOf(parts, candidate, added));
  return {
    request: {
      ...request,
      messages: [
        ...request.messages,
        { role: 'assistant', content: content.filter((part) => part.type === 'text') },
        { role: 'user', content: [{ type: 'text', text: correction }] },
      ],
    },
    extraNanoUsd: Math.max(...costs),
  };
}

/** The price of more input, which may also lift the rest into a dearer tier. Unknown prices hold nothing. */
function extraOf({ prices, now }: RepairParts, candidate: Candidate, added: readonly string[]): NanoUsd {
  const { target, option, provider } = candidate;
  const { worstCaseUsage } = option.cost;
  let tokens = tokensAround({ messages: added.length, tools: 0 }, provider.tokenFamily);
  for (const text of added) tokens += textTokens(text, provider.tokenFamily);
  const { quantities } = worstCaseUsage;
  const more = {
    ...worstCaseUsage,
    quantities: { ...quantities, input_token: (quantities['input_token'] ?? 0) + tokens },
  };
  const [without, withIt] = [worstCaseUsage, more].map((usage) => prices.price(target, null, now(), usage));
  if (without == null || withIt == null) return 0;
  return Math.max(0, withIt.totalNanoUsd - without.totalNanoUsd);
}
