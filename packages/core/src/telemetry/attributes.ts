import type { Outcome } from '../flow/endings.js';
import type { LiveCall, PermittedAttempt } from '../flow/live-call.js';
import { totalNanoUsd } from '../flow/settlement.js';
import { usdOf } from '../money/nano-usd.js';
import { describeTarget } from '../policies/target-key.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { Endpoint } from '../spec/provider.js';
import type { ChatRequest, PaintRequest } from '../spec/request.js';
import type { AttemptRecord } from '../spec/response.js';
import { type AttributeNames, chatOperationNames, outputTypes, providerName } from './names.js';
import type { Attributes } from './otel-api.js';
import { tokenCountsOf } from './token-counts.js';

// Nothing the caller or the model wrote is ever an attribute: no prompt, no answer, no stop sequence, no tag, no message of
// an error, since providers quote requests in theirs.

type Values = Record<string, Attributes[string] | null | undefined>;

/** Without what is unknown: an attribute is absent, never empty. */
export function attributesOf(values: Values): Attributes {
  const attributes: Attributes = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined && value !== null) attributes[key] = value;
  }
  return attributes;
}

/** What is known of a call when it starts; a sampler may look at it. */
export function callStart(call: LiveCall, names: AttributeNames): Attributes {
  return attributesOf({
    [names.callId]: call.id,
    [names.askedModel]: call.request.model,
    [names.policy]: call.request.route,
    [names.stream]: call.incremental,
  });
}

export function callEnd(call: LiveCall, outcome: Outcome, names: AttributeNames): Attributes {
  const { state } = call;
  const actualNanoUsd = totalNanoUsd(state.attempts);
  return attributesOf({
    [names.status]: callStatus(call, outcome),
    [names.target]: state.target && describeTarget(state.target),
    [names.downgradedFrom]: state.downgradedFrom && describeTarget(state.downgradedFrom),
    [names.attempts]: state.dispatched,
    [names.cost]: usd(actualNanoUsd),
    [names.estimatedCost]: usd(state.estimatedNanoUsd),
    [names.held]: state.held ? usd(state.heldNanoUsd) : null,
    [names.limiterWait]: state.waitMs / 1000,
    [names.retryWait]: state.retryMs / 1000,
    [names.errorType]: errorOf(call, outcome),
  });
}

/** The code of the error a call ended with; null for one that did not fail. To cancel is not to fail. */
export function errorOf(call: LiveCall, outcome: Outcome): ErrorCode | null {
  return outcome.status === 'error' && !call.state.draining ? outcome.error.code : null;
}

function callStatus(call: LiveCall, outcome: Outcome): 'ok' | 'failed' | 'cancelled' | 'blocked' {
  if (outcome.status === 'cancelled' || call.state.draining) return 'cancelled';
  if (outcome.status === 'final') return 'ok';
  const { code } = outcome.error;
  const refused = code === 'budget_exceeded' || code === 'unpriced' || code === 'no_route';
  return refused && call.state.dispatched === 0 ? 'blocked' : 'failed';
}

/** Who is asked: these are on every span and every measurement of an attempt. */
export function attemptIdentity({ candidate, operation }: PermittedAttempt, names: AttributeNames): Attributes {
  const { provider, model } = candidate.target;
  const server = serverOf(candidate.option.endpoint);
  return attributesOf({
    [names.operation]: operation === 'chat' ? (chatOperationNames[provider] ?? 'chat') : 'generate_content',
    [names.provider]: providerName(provider),
    [names.requestModel]: model,
    [names.serverAddress]: server?.address,
    [names.serverPort]: server?.port,
  });
}

/** What is known of an attempt when it starts, beside its identity. */
export function attemptStart(call: PermittedAttempt, names: AttributeNames): Attributes {
  const { operation, candidate } = call;
  const { profile, endpoint, region } = candidate.target;
  const chat = operation === 'chat' ? (call.request as ChatRequest) : null;
  const count = operation === 'paint' ? ((call.request as PaintRequest).count ?? 1) : 1;
  const json = chat !== null && chat.output !== undefined ? 'json' : null;
  return attributesOf({
    [names.requestStream]: streams(call) ? true : null,
    [names.maxTokens]: candidate.option.cost.maxOutputTokens,
    [names.temperature]: chat?.temperature,
    [names.topP]: chat?.topP,
    [names.seed]: chat?.seed,
    [names.choiceCount]: count === 1 ? null : count,
    [names.outputType]: outputTypes[operation] ?? json,
    [names.attempt]: call.attempt,
    [names.profile]: profile,
    [names.endpoint]: endpoint,
    [names.region]: region,
    [names.limiterWait]: call.waitedMs / 1000,
    [names.retryWait]: call.backoffMs / 1000,
  });
}

export function attemptEnd(call: PermittedAttempt, record: AttemptRecord, names: AttributeNames): Attributes {
  const { usage } = record;
  const tokens = usage === null ? null : tokenCountsOf(usage.quantities);
  return attributesOf({
    [names.responseId]: record.requestId,
    [names.responseModel]: record.servedModel,
    [names.finishReasons]: record.status === 'ok' && record.finishReason !== null ? [record.finishReason] : null,
    [names.timeToFirstChunk]: streams(call) && record.ttftMs !== null ? record.ttftMs / 1000 : null,
    [names.inputTokens]: tokens?.input,
    [names.outputTokens]: tokens?.output,
    [names.cacheReadTokens]: tokens?.cacheRead,
    [names.cacheWriteTokens]: tokens?.cacheWrite,
    [names.reasoningTokens]: tokens?.reasoning,
    [names.usageSource]: usage?.source,
    [names.status]: record.status,
    [names.cost]: usd(record.actualNanoUsd),
    [names.estimatedCost]: usd(record.estimatedNanoUsd),
    [names.errorType]: record.status === 'failed' ? record.errorCode : null,
  });
}

/** Whether the provider is asked for a stream: also for a whole answer, where its model knows nothing else. */
export function streams({ incremental, candidate }: PermittedAttempt): boolean {
  return incremental || candidate.option.manifest.streams === 'only';
}

const servers = new WeakMap<Endpoint, { address: string; port: number } | null>();

/** Host and port only: a base URL may carry a path or credentials. Null for one that is no URL. */
function serverOf(endpoint: Endpoint): { address: string; port: number } | null {
  let server = servers.get(endpoint);
  if (server === undefined) {
    server = URL.canParse(endpoint.baseUrl) ? addressOf(new URL(endpoint.baseUrl)) : null;
    servers.set(endpoint, server);
  }
  return server;
}

function addressOf({ hostname, port, protocol }: URL): { address: string; port: number } {
  return { address: hostname, port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) };
}

function usd(nanoUsd: number | null): number | null {
  return nanoUsd === null ? null : usdOf(nanoUsd);
}
