import { tokensOf } from '../money/usage.js';
import type { AudioPart, FileRefPart, Part } from '../spec/content.js';
import type { Limits } from '../spec/limiter.js';
import type { Call } from '../spec/middleware.js';
import type { CandidateCost } from '../spec/router.js';

interface Asking {
  readonly option: { readonly cost: CandidateCost };
  readonly limits: Limits;
}

/** What a file or a recording usually holds at most: a document of 250 pages, half an hour of sound. */
const usualTokens = 65_536;

/**
 * The tokens a permit is asked for. What a file or an address holds only the service knows; the bound of such a call is the
 * whole context of its model, more than many accounts may use in a minute, so that it would be refused for good. The hold
 * covers that bound, the limiter gets what is usual: what the call really took is corrected behind it.
 */
export function tokenDemand(call: Call, { option, limits }: Asking): number {
  const tokens = tokensOf(option.cost.estimatedUsage.quantities);
  return hasUnknownLength(call) ? Math.min(tokens, usualTokens, limits.tpm ?? usualTokens) : tokens;
}

function hasUnknownLength(call: Call): boolean {
  switch (call.operation) {
    case 'chat':
      return call.request.messages.some(({ content }) => content.some(isOfUnknownLength));
    case 'transcribe':
      return isOfUnknownLength(call.request.audio);
    default:
      return false;
  }
}

function isOfUnknownLength(part: Part | AudioPart | FileRefPart): boolean {
  return part.type === 'file_ref' || (part.type === 'audio' && isAddress(part.data));
}

function isAddress(data: AudioPart['data']): boolean {
  return data instanceof URL || (typeof data === 'string' && /^https?:/i.test(data));
}
