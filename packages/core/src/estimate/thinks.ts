import type { Json } from '../spec/json.js';
import type { ModelManifest } from '../spec/provider.js';
import type { ChatRequest } from '../spec/request.js';

/**
 * Whether an answer may hold thinking, which some models bill at a price of its own. Where it is not sure that a model
 * stays quiet, it is taken to think: what is held must not be less than what is billed.
 */
export function mayThink(
  { reasoning, providerOptions }: ChatRequest,
  manifest: ModelManifest,
  provider: string,
): boolean {
  if (!manifest.reasoning) return false;
  const { thinking } = manifest;
  if (thinking === undefined || thinking === 'always') return true;
  if (reasoning !== undefined && reasoning !== 'off') return true;
  if (thinking === 'on' && reasoning === undefined) return true;
  // Options that go to the provider as they are may switch it on behind the request's back.
  const options = providerOptions?.[provider];
  return options !== undefined && namesThinking(options, 0);
}

const maxDepth = 4;

function namesThinking(options: Json, depth: number): boolean {
  if (typeof options !== 'object' || options === null || depth > maxDepth) return false;
  for (const [key, value] of Object.entries(options)) {
    if (/think|reason/i.test(key) ? value !== false : namesThinking(value, depth + 1)) return true;
  }
  return false;
}
