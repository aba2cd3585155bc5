import type { ErrorCode } from '@vibe/core';

/** What the exit code of `llm` says. Scripts rely on these. */
export const exitCodes = {
  ok: 0,
  /** Something else, or nobody can serve such a call. */
  error: 1,
  /** Wrong flags, or a request that no provider would take. */
  usage: 2,
  budget: 3,
  auth: 4,
  rateLimit: 5,
  /** The provider or the network failed, after retries. */
  provider: 6,
  config: 7,
  /** Sums do not follow from the events, or prices differ. */
  integrity: 8,
  /** `llm doctor` has found something wrong. */
  doctor: 9,
  /** Ended by a signal: 128 and its number. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** The exit code for each way a call can fail. */
const byErrorCode: Readonly<Record<ErrorCode, number>> = {
  invalid_request: exitCodes.usage,
  config: exitCodes.config,
  auth: exitCodes.auth,
  budget_exceeded: exitCodes.budget,
  unpriced: exitCodes.budget,
  no_route: exitCodes.error,
  rate_limited: exitCodes.rateLimit,
  provider_rate_limited: exitCodes.rateLimit,
  provider_quota: exitCodes.rateLimit,
  circuit_open: exitCodes.provider,
  provider_unavailable: exitCodes.provider,
  provider_rejected: exitCodes.provider,
  model_not_found: exitCodes.provider,
  context_length: exitCodes.provider,
  content_filtered: exitCodes.provider,
  region_blocked: exitCodes.provider,
  invalid_response: exitCodes.provider,
  stream_truncated: exitCodes.provider,
  timeout: exitCodes.provider,
  schema_mismatch: exitCodes.provider,
  cancelled: exitCodes.interrupted,
  ledger_unavailable: exitCodes.error,
  internal: exitCodes.error,
};

/** Codes of other versions are plain errors. */
export function exitCodeOf(code: string): number {
  return Object.hasOwn(byErrorCode, code) ? byErrorCode[code as ErrorCode] : exitCodes.error;
}

/** For `--help`. */
export const exitCodeHelp =
  'Exit codes: 0 ok · 1 error · 2 wrong usage · 3 budget · 4 key missing or refused · 5 rate limit ·\n  6 provider · 7 config · 8 integrity · 9 doctor · 130 Ctrl-C';
