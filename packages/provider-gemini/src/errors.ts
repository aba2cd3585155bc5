import type { Endpoint, ErrorCode } from '@vibe/core';
import type { Classification, ServiceFailure } from '@vibe/provider-kit';
import { z } from 'zod';

const text = z.string().nullish().catch(undefined);
const violation = z.object({ quotaId: text, quotaMetric: text, quotaValue: text });

/** An error body must always be readable: a field of another type is as good as missing. */
const errorBody = z.object({
  code: z.number().nullish().catch(undefined),
  message: text,
  status: text,
  details: z
    .array(
      z.object({
        reason: text,
        metadata: z.object({ quota_limit_value: text }).nullish().catch(undefined),
        violations: z.array(violation).nullish().catch(undefined),
        retryDelay: text,
      }),
    )
    .nullish()
    .catch(undefined),
});

interface Facts {
  /** HTTP status, or the code in the error. */
  readonly status: number | null;
  /** gRPC name, such as `RESOURCE_EXHAUSTED`. */
  readonly name: string;
  /** Of the ErrorInfo detail, such as `API_KEY_INVALID`. */
  readonly reason: string;
  readonly text: string;
  readonly violations: readonly z.output<typeof violation>[];
  readonly quotaLimit: string | undefined;
  readonly retryDelay: string | undefined;
}

/** Facts: a bad key is a 400 and a blocked region too, so names, reasons and words come before the HTTP status. */
export function classifyFor(endpoint: Endpoint): (failure: ServiceFailure) => Classification {
  return (failure) => {
    const facts = readFacts(failure);
    const code = codeOf(facts);
    return {
      code,
      reason: [facts.reason, facts.name].find((word) => word !== ''),
      text: facts.text,
      // a quota that is gone for the day still carries a delay of seconds: it would be a lie
      retryAfterMs: code === 'provider_quota' ? undefined : retryAfterMs(facts),
      next: nextSteps(code, endpoint, facts),
      details: code === 'provider_rate_limited' || code === 'provider_quota' ? limitDetails(facts) : undefined,
    };
  };
}

/** The code that an error inside a 200 stream names. */
export function statusOf(json: unknown): number | null {
  return readFacts({ status: null, headers: {}, json, text: '' }).status;
}

function readFacts({ status, json, text: body }: ServiceFailure): Facts {
  const error = errorBody.safeParse((json as { readonly error?: unknown } | null)?.error ?? {}).data ?? {};
  const details = error.details ?? [];
  const first = <Value>(values: readonly (Value | null | undefined)[]) =>
    values.find((value) => value !== null && value !== undefined);
  return {
    status: status ?? error.code ?? null,
    name: error.status ?? '',
    reason: first(details.map(({ reason }) => reason)) ?? '',
    text: error.message ?? body,
    violations: details.flatMap(({ violations }) => violations ?? []),
    quotaLimit: first(details.map(({ metadata }) => metadata?.quota_limit_value)) ?? undefined,
    retryDelay: first(details.map(({ retryDelay }) => retryDelay)) ?? undefined,
  };
}

const blockedPlace =
  /(location|region|country|territory)[^.]{0,60}not (supported|available)|not available in your (country|region|location)/i;
const tooLong =
  /token count[^.]{0,40}exceeds|exceeds the maximum number of tokens|context (length|window)|(input|prompt) is too long/i;
const unpaid = /spending cap|prepay|prepaid|credits? (are |is )?(depleted|exhausted)|billing account/i;

function codeOf(facts: Facts): ErrorCode {
  const { status, name, reason, text: words } = facts;
  if (/^API_KEY_/.test(reason) || /api key (not valid|expired|not found)/i.test(words)) return 'auth';
  if (blockedPlace.test(words)) return 'region_blocked';
  if (status === 401 || name === 'UNAUTHENTICATED' || status === 403 || name === 'PERMISSION_DENIED') return 'auth';
  if (status === 429 || name === 'RESOURCE_EXHAUSTED')
    return isExhausted(facts) ? 'provider_quota' : 'provider_rate_limited';
  if (status === 404 || name === 'NOT_FOUND')
    return words === '' || /model/i.test(words) ? 'model_not_found' : 'provider_rejected';
  if (status === 413) return 'invalid_request';
  if (name === 'CANCELLED' || status === 499 || status === 408 || status === null || status >= 500)
    return 'provider_unavailable';
  return tooLong.test(words) ? 'context_length' : 'provider_rejected';
}

/** A limit per day, a limit of 0 (the model is not in the tier) and an empty account do not mend by waiting. */
function isExhausted({ violations, quotaLimit, text: words }: Facts): boolean {
  if (violations.some(({ quotaId, quotaValue }) => /PerDay|Daily/i.test(quotaId ?? '') || quotaValue === '0'))
    return true;
  return quotaLimit === '0' || /\blimit: 0(?![\d.])/.test(words) || unpaid.test(words);
}

function limitDetails({ violations, quotaLimit }: Facts): Record<string, unknown> {
  const ids = violations.map(({ quotaId }) => quotaId ?? '');
  const scope = ids.some((id) => /PerDay|Daily/i.test(id))
    ? 'day'
    : ids.some((id) => /PerMinute/i.test(id))
      ? 'minute'
      : 'unknown';
  const [first] = violations;
  return {
    limitScope: scope,
    quotaId: first?.quotaId ?? null,
    quotaMetric: first?.quotaMetric ?? null,
    quotaValue: first?.quotaValue ?? quotaLimit ?? null,
  };
}

/** Facts: there is no header; the delay is in the details (rounded down) or in the words, or in both: the longer counts. */
function retryAfterMs({ retryDelay, text: words }: Facts): number | undefined {
  const waits = [retryDelay, /retry in ([\d.]+m?s)/i.exec(words)?.[1]].map(durationMs).filter((ms) => ms !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** `34.07s` or `900ms` in milliseconds, rounded up. */
function durationMs(duration: string | undefined): number | undefined {
  const [, amount, unit] = /^([\d.]+)(ms|s)$/.exec(duration ?? '') ?? [];
  const ms = Number(amount) * (unit === 's' ? 1000 : 1);
  return Number.isFinite(ms) ? Math.ceil(ms) : undefined;
}

function nextSteps(
  code: ErrorCode,
  { keyName = 'GEMINI_API_KEY' }: Endpoint,
  { text: words, reason }: Facts,
): readonly string[] | undefined {
  switch (code) {
    case 'auth':
      if (/leaked/i.test(words)) return [`Make a new key and set ${keyName}: Google has disabled this one.`];
      if (reason === 'SERVICE_DISABLED')
        return ["Enable the Generative Language API in the key's Google Cloud project."];
      return [`Check ${keyName}: a key of Google AI Studio whose project may use this API.`];
    case 'region_blocked':
      return ['Google does not serve this place: call from another country, or route to another provider.'];
    case 'provider_quota':
      return ['Check plan, tier and daily limits in Google AI Studio; limits per day reset at midnight Pacific time.'];
    case 'provider_rate_limited':
      return ['Lower the rate, or set limits so that calls wait here instead.'];
    case 'context_length':
      return ['Shorten the input, or choose a model with a longer context.'];
    case 'model_not_found':
      return ['Check the spelling of the model id, and that it is not retired.'];
    case 'provider_rejected':
      return /thought.?signature/i.test(words)
        ? ["Send the assistant's parts back unchanged, with their providerData, and to the same model."]
        : undefined;
    default:
      return undefined;
  }
}
