import type { Endpoint, ErrorCode } from '@vibe/core';
import type { Classification, ServiceFailure } from '@vibe/provider-kit';
import * as z from 'zod';

const text = z.string().nullish().catch(undefined);
const violation = z.object({ quotaId: text, quotaMetric: text, quotaValue: text });

/** An error body must always be readable: a field of another type is as good as missing. */
const errorBody = z.object({
  // gateways write it as text, too
  code: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{3}$/)
        .transform(Number),
    ])
    .nullish()
    .catch(undefined),
  message: text,
  status: text,
  details: z
    .array(
      z.object({
        reason: text,
        metadata: z.object({ quota_limit: text, quota_limit_value: text }).nullish().catch(undefined),
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
  /** Everything that names a limit: ids, metrics, words. */
  readonly limitNames: readonly string[];
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
  const name = error.status ?? '';
  const violations = details.flatMap((detail) => detail.violations ?? []);
  return {
    status: status ?? error.code ?? statusByName.get(name) ?? null,
    name,
    reason: first(details.map(({ reason }) => reason)) ?? '',
    text: error.message ?? body,
    violations,
    limitNames: [
      ...violations.flatMap(({ quotaId, quotaMetric }) => [quotaId ?? '', quotaMetric ?? '']),
      ...details.map(({ metadata }) => metadata?.quota_limit ?? ''),
      error.message ?? '',
    ],
    quotaLimit: first(details.map(({ metadata }) => metadata?.quota_limit_value)) ?? undefined,
    retryDelay: first(details.map(({ retryDelay }) => retryDelay)) ?? undefined,
  };
}

/** HTTP statuses of gRPC names (google/rpc/code.proto), for errors inside a stream that only have the name. */
const statusByName: ReadonlyMap<string, number> = new Map([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['OUT_OF_RANGE', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['ABORTED', 409],
  ['RESOURCE_EXHAUSTED', 429],
  ['CANCELLED', 499],
  ['INTERNAL', 500],
  ['UNIMPLEMENTED', 501],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
]);

/** A limit per day in an id (`PerDay`), a metric (`_per_day`) or words. */
const perDay = /per[ _]?day|daily/i;

const blockedPlace =
  /(location|region|country|territory)[^.]{0,60}not (supported|available)|not available in your (country|region|location)/i;
const tooLong =
  /token count[^.]{0,40}exceeds|token count .{0,60}only supports up to|exceeds the maximum number of tokens|context (length|window)|(input|prompt) is too long/i;
const unpaid = /spending cap|prepay|prepaid|credits? (are |is )?(depleted|exhausted)|billing account/i;

function codeOf(facts: Facts): ErrorCode {
  const { status, name, reason, text: words } = facts;
  if (/^API_KEY_/.test(reason) || /api key (not valid|expired|not found)/i.test(words)) return 'auth';
  if (blockedPlace.test(words)) return 'region_blocked';
  if (reason === 'BILLING_DISABLED') return 'provider_quota';
  if (status === 401 || name === 'UNAUTHENTICATED' || status === 403 || name === 'PERMISSION_DENIED') return 'auth';
  if (status === 429 || name === 'RESOURCE_EXHAUSTED')
    return isExhausted(facts) ? 'provider_quota' : 'provider_rate_limited';
  if (status === 404 || name === 'NOT_FOUND')
    return words === '' || /model/i.test(words) ? 'model_not_found' : 'provider_rejected';
  if (status === 413) return 'invalid_request';
  if (status === 501) return 'provider_rejected';
  if (status === null || status >= 500 || [408, 499].includes(status)) return 'provider_unavailable';
  return tooLong.test(words) ? 'context_length' : 'provider_rejected';
}

/** A limit per day, a limit of 0 (the model is not in the tier) and an empty account do not mend by waiting. */
function isExhausted({ violations, limitNames, quotaLimit, text: words }: Facts): boolean {
  if (violations.some(({ quotaValue }) => quotaValue === '0') || limitNames.some((each) => perDay.test(each)))
    return true;
  return quotaLimit === '0' || /\blimit: 0(?![\d.])/.test(words) || unpaid.test(words);
}

function limitDetails({ violations, limitNames, quotaLimit }: Facts): Record<string, unknown> {
  const named = (pattern: RegExp) => limitNames.some((each) => pattern.test(each));
  const scope = named(perDay) ? 'day' : named(/per[ _]?minute/i) ? 'minute' : 'unknown';
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
  const said = /retry in ((?:[\d.]+(?:ms|h|m|s))+)/i.exec(words)?.[1];
  const waits = [retryDelay, said].map(durationMs).filter((ms) => ms !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** `34.07s`, `900ms` or `13h26m51.8s` in milliseconds, rounded up. */
function durationMs(duration: string | undefined): number | undefined {
  if (!/^(?:[\d.]+(?:ms|h|m|s))+$/.test(duration ?? '')) return undefined;
  const parts = [...(duration ?? '').matchAll(/([\d.]+)(ms|h|m|s)/g)];
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * msPer[unit as keyof typeof msPer], 0);
  return Number.isFinite(ms) ? Math.ceil(ms) : undefined;
}

const msPer = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

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
