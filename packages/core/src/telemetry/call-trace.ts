import type { Answer } from '../flow/answer.js';
import type { Outcome } from '../flow/endings.js';
import type { LiveCall, PermittedAttempt } from '../flow/live-call.js';
import type { AttemptRecord } from '../spec/response.js';
import { attemptEnd, attemptIdentity, attemptStart, callEnd, callStart, errorOf } from './attributes.js';
import { callSpanNames } from './names.js';
import type { ActiveSpan, Otel } from './otel.js';
import { type Attributes, type OtelContext, spanKind, statusError } from './otel-api.js';

/** One call as it is traced and measured: its span, and what it holds. */
export class CallTrace {
  readonly #otel: Otel;
  readonly #call: LiveCall;
  readonly #parent: OtelContext;
  readonly #active: ActiveSpan | null;
  #heldNanoUsd = 0;

  /** `caller`: where `stream()` was called, which need not be where it is read. */
  constructor(otel: Otel, call: LiveCall, caller: OtelContext | null) {
    this.#otel = otel;
    this.#call = call;
    this.#parent = otel.parentContext(caller);
    const name = callSpanNames[call.operation] ?? `vibe.${call.operation}`;
    this.#active = otel.start(name, spanKind.internal, callStart(call, otel.names), this.#parent);
  }

  around(open: () => Promise<Answer>): Promise<Answer> {
    return this.#otel.around(open, this.#active);
  }

  startAttempt(call: PermittedAttempt): AttemptTrace {
    return new AttemptTrace(this.#otel, call, this.#active?.context ?? this.#parent);
  }

  event(name: string, attributes: () => Attributes): void {
    const span = this.#active?.span;
    if (span?.isRecording() === true) span.addEvent(name, attributes());
  }

  held(toNanoUsd: number): void {
    this.#otel.instruments?.held(toNanoUsd - this.#heldNanoUsd);
    this.#heldNanoUsd = toNanoUsd;
  }

  end(outcome: Outcome): void {
    this.held(0);
    const span = this.#active?.span;
    if (span === undefined) return;
    if (span.isRecording()) span.setAttributes(callEnd(this.#call, outcome, this.#otel.names));
    if (errorOf(this.#call, outcome) !== null) span.setStatus(statusError);
    span.end();
  }
}

/** One physical request as it is traced and measured. */
export class AttemptTrace {
  readonly #otel: Otel;
  readonly #call: PermittedAttempt;
  readonly #identity: Attributes;
  readonly #active: ActiveSpan | null;

  constructor(otel: Otel, call: PermittedAttempt, parent: OtelContext) {
    const { names } = otel;
    this.#otel = otel;
    this.#call = call;
    this.#identity = attemptIdentity(call, names);
    const name = `${this.#identity[names.operation]} ${call.candidate.target.model}`;
    const attributes = { ...this.#identity, ...attemptStart(call, names) };
    this.#active = otel.start(name, spanKind.client, attributes, parent);
  }

  around(open: () => Promise<Answer>): Promise<Answer> {
    return this.#otel.around(open, this.#active);
  }

  /** `record` is missing when the attempt ended before it was metered. */
  end(record: AttemptRecord | undefined): void {
    if (record !== undefined) this.#otel.instruments?.attempt(this.#call, record, this.#identity);
    const span = this.#active?.span;
    if (span === undefined) return;
    if (record !== undefined && span.isRecording())
      span.setAttributes(attemptEnd(this.#call, record, this.#otel.names));
    // No description: the messages of providers quote the request.
    if (record?.status === 'failed') span.setStatus(statusError);
    span.end();
  }
}
