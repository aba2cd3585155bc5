import type { AnyInput, Estimate, Limits, Vibe } from '@vibe/core';
import type { ModelChoice, Models, Quote } from '../wire.js';
import { type CallInput, messagesOf, paintOf, requestBase } from './read-input.js';

/** What a request would cost and who would answer it. Nothing is sent. */
export async function quoteOf(vibe: Vibe, input: CallInput): Promise<Quote> {
  const { inputTokens, worstCaseUsd, routes, verdict } = await vibe.estimate(requestOf(input));
  const [best] = routes;
  const eligible = best?.eligible === true;
  return {
    inputTokens,
    worstCaseUsd,
    estimatedUsd: eligible ? best.estimatedUsd : null,
    target: eligible ? best.target : null,
    reasons: eligible ? [] : [...new Set(routes.flatMap(({ reasons }) => reasons))].slice(0, 5),
    verdict,
  };
}

function requestOf(input: CallInput): AnyInput {
  const base = requestBase(input);
  switch (input.kind) {
    case 'chat':
      return { ...base, messages: messagesOf(input.messages) };
    case 'speak':
      return { ...base, text: input.text };
    case 'paint':
      return { ...base, ...paintOf(input), count: 1 };
    case 'transcribe':
      return { ...base, audio: { type: 'audio', mediaType: input.mediaType, data: input.base64 } };
  }
}

/** Every model that could answer a short question now, cheapest first. */
export async function modelsOf(
  vibe: Vibe,
  simulated: boolean,
  limits: Readonly<Record<string, Limits>>,
): Promise<Models> {
  const { routes } = await vibe.estimate({ model: 'auto', prompt: 'Hello', tags: { conversation: 'none' } });
  const models = new Map<string, ModelChoice>();
  for (const { target, worstCaseUsd } of routes.filter(({ eligible }) => eligible)) {
    const known = models.get(target.model);
    if (known === undefined || cheaper(worstCaseUsd, known.worstCaseUsd))
      models.set(target.model, {
        id: target.model,
        provider: target.provider,
        worstCaseUsd,
        rpm: limits[target.model]?.rpm ?? null,
      });
  }
  const price = ({ worstCaseUsd }: ModelChoice) => worstCaseUsd ?? Number.POSITIVE_INFINITY;
  return { simulated, models: [...models.values()].sort((left, right) => price(left) - price(right)) };
}

function cheaper(left: Estimate['worstCaseUsd'], right: Estimate['worstCaseUsd']): boolean {
  return left !== null && (right === null || left < right);
}
