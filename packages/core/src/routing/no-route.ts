import { VibeError } from '../errors/vibe-error.js';
import { describeTarget } from '../policies/target-key.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { RejectedRoute } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import type { Catalog } from './catalog.js';
import { parseModelReference } from './model-reference.js';

const maxReasonsInMessage = 4;

const nextSteps: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  auth: ['Set the variable named above, or pass apiKey to the provider plugin.'],
  unpriced: [
    'Add a pricing plugin or a price for this model, and give maxOutputTokens.',
    'Or allow unpriced calls with mode: "best_effort".',
  ],
};

/** These reasons go away by themselves: the same call may succeed a moment later. */
const passing: readonly ErrorCode[] = ['circuit_open', 'provider_unavailable'];

/** One code when all candidates were refused for one reason. Endpoints without a key are not set up and say little beside other reasons. */
export function noRoute(rejected: readonly RejectedRoute[], reference: string): VibeError {
  const setUp = rejected.filter(({ code }) => code !== 'auth');
  const codes = new Set((setUp.length > 0 ? setUp : rejected).map(({ code }) => code));
  const [only = 'no_route'] = codes;
  const code: ErrorCode = codes.size === 1 ? only : 'no_route';
  const reasons = rejected.map(({ target, reason }) => `${describeTarget(target)}: ${reason}`);
  const shown = reasons.slice(0, maxReasonsInMessage).join('; ') || 'The router chose none';
  const more =
    reasons.length > maxReasonsInMessage
      ? `; and ${reasons.length - maxReasonsInMessage} more (error.details.routes)`
      : '';
  const message = `No candidate may serve "${reference}"; nothing was sent. ${shown}${more}.`;
  const target: Target | undefined = (setUp[0] ?? rejected[0])?.target;
  return new VibeError(code, message, {
    target,
    retryable: rejected.some((route) => passing.includes(route.code)),
    details: { routes: rejected.map((route) => ({ ...route })) },
    next: nextSteps[code] ?? ['Call vibe.estimate(request) to see every candidate with its reason.'],
  });
}

/** What to do when steps are configured, and none of them may be taken. */
export function noStepAllowed(rejected: readonly RejectedRoute[]): readonly string[] {
  if (rejected.length === 0) return [];
  const reasons = rejected
    .slice(0, maxReasonsInMessage)
    .map(({ target, reason }) => `${describeTarget(target)}: ${reason}`);
  return [`No downgrade may stand in (${reasons.join('; ')}). Change router.downgrade to allow one.`];
}

export function unknownModel(reference: string, catalog: Catalog): VibeError {
  if (catalog.providers.length === 0) return noProvider(reference);
  const { provider, at, model } = parseModelReference(reference, catalog.providers);
  if (model === '') {
    return new VibeError('no_route', `"${reference}" names no model behind its slash; nothing was sent.`, {
      details: { model: reference },
      next: [`Use model: "${reference}auto" for any model there.`],
    });
  }
  if (provider !== null && at !== null) return unknownPlace(provider, at, model ?? 'auto', catalog);
  const suggestions = catalog.suggestions(reference);
  const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.map((name) => `"${name}"`).join(' or ')}?` : '';
  const providers = catalog.providers.map(({ id }) => id);
  return new VibeError('no_route', `No configured provider knows the model "${reference}"; nothing was sent.${hint}`, {
    details: { model: reference, suggestions, providers },
    next: [
      ...suggestions.map((name) => `Use model: "${name}".`),
      `Write "${providers[0] ?? 'provider'}/${reference}" to send it to a provider although it is in no manifest.`,
    ],
  });
}

/** Not the name is wrong: nobody is there to answer. */
function noProvider(reference: string): VibeError {
  return new VibeError('no_route', 'No provider is configured; nothing was sent.', {
    details: { model: reference, suggestions: [], providers: [] },
    next: ['Add a provider to "plugins", such as qwen() of @vibe/provider-qwen or gemini() of @vibe/provider-gemini.'],
  });
}

/** The provider is known, and would be sent any model: it is the endpoint or profile that is not there. */
function unknownPlace(provider: string, at: string, model: string, catalog: Catalog): VibeError {
  const own = catalog.providers.filter(({ id }) => id === provider);
  const endpoints = own.flatMap((each) => each.endpoints.map(({ id }) => id));
  const places = [...new Set([...endpoints, ...own.map(({ profile = 'default' }) => profile)])];
  const reference = `${provider}@${at}/${model}`;
  return new VibeError(
    'no_route',
    `"${reference}": ${provider} has no endpoint and no profile "${at}"; there is ${places.join(', ')}. Nothing was sent.`,
    {
      details: { model: reference, suggestions: places.map((place) => `${provider}@${place}/${model}`), places },
      next: [`Use model: "${provider}@${places[0] ?? 'default'}/${model}", or leave "@${at}" out.`],
    },
  );
}
