import type { Exchange } from './exchange.js';
import type { Reply } from './http/reply.js';
import type { ErrorFacts, HintForm, WireError } from './wire.js';

/** An error as a rule or an endpoint asks for it: a reason, a status, or both. */
export interface ErrorRequest {
  readonly reason?: string;
  readonly status?: number;
  readonly message?: string;
  readonly retryAfterMs?: number;
  readonly hints?: readonly HintForm[];
}

const DEFAULT_STATUS = 500;

/**
 * Status and body of an error in the words of the exchange's provider. A reason this provider does not know falls back
 * to what the status means there, so that one rule can serve several wires.
 */
export function resolveError(exchange: Exchange, request: ErrorRequest): WireError {
  const catalog = exchange.wire.errors;
  const named = request.reason === undefined ? undefined : catalog.entries[request.reason];
  const status = request.status ?? named?.status ?? DEFAULT_STATUS;
  const reason = named ? (request.reason ?? '') : (catalog.byStatus[status] ?? 'other');
  const facts = errorFacts(exchange, request);
  const entry = named ?? catalog.entries[reason];
  return { status, reason, body: entry ? entry.body(facts) : catalog.other(status, facts) };
}

/** The refusal of a request by an endpoint itself. */
export function refuse(exchange: Exchange, request: ErrorRequest): Reply {
  return exchange.wire.errorReply(exchange, resolveError(exchange, request));
}

function errorFacts(exchange: Exchange, request: ErrorRequest): ErrorFacts {
  const retryAfterMs = request.retryAfterMs ?? null;
  return {
    model: exchange.model ?? '',
    endpoint: exchange.endpoint,
    requestId: exchange.requestId,
    message: request.message ?? null,
    retryAfterMs,
    hints: new Set(retryAfterMs === null ? [] : (request.hints ?? exchange.wire.errors.hints)),
  };
}
