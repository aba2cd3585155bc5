import type { EventHub } from '../flow/event-hub.js';
import type { LiveCall, PermittedAttempt } from '../flow/live-call.js';
import { TransitMap } from '../flow/transit-map.js';
import { type AttemptTrace, CallTrace } from './call-trace.js';
import { attributeNames, type Semconv } from './names.js';
import { Otel } from './otel.js';
import { type OtelContext, otelRegistry } from './otel-api.js';
import { observeCalls } from './span-events.js';

/**
 * Spans and metrics for whatever the application has registered with `@opentelemetry/api`. Looked up once per call, so it
 * does not matter whether the application or this client comes first. While nothing is registered, a call costs one
 * property read, and nothing listens to its events.
 */
export class Telemetry {
  readonly #semconv: Semconv;
  readonly #events: EventHub;
  /** Calls that are running and traced, by id. */
  readonly #traces = new TransitMap<CallTrace>();
  #otel: Otel | null = null;
  #isListening = false;
  #hasWarned = false;

  constructor(semconv: Semconv, events: EventHub) {
    this.#semconv = semconv;
    this.#events = events;
  }

  /** The context that is active here, for a call that starts elsewhere; null where no context manager is registered. */
  callerContext(): unknown {
    return otelRegistry()?.context?.active() ?? null;
  }

  /** Null where nothing is registered. */
  startCall(call: LiveCall): CallTrace | null {
    return this.#safely(() => {
      const otel = this.#registered();
      if (otel === null) return null;
      const trace = new CallTrace(otel, call, call.state.callerContext as OtelContext | null);
      this.#traces.set(call.id, trace);
      return trace;
    });
  }

  endCall(call: LiveCall, end: () => void): void {
    this.#traces.delete(call.id);
    this.#safely(end);
  }

  /** Null where the call is not traced. */
  startAttempt(call: PermittedAttempt): AttemptTrace | null {
    const trace = this.#traces.get(call.id);
    return trace === undefined ? null : this.#safely(() => trace.startAttempt(call));
  }

  endAttempt(end: () => void): void {
    this.#safely(end);
  }

  #registered(): Otel | null {
    const registry = otelRegistry();
    if (registry === undefined || (registry.trace === undefined && registry.metrics === undefined)) return null;
    if (this.#otel?.isOf(registry) !== true) this.#otel = new Otel(registry, this.#semconv);
    if (!this.#isListening) this.#listen();
    return this.#otel;
  }

  /** An exporter that throws must not break a call: it is reported once, as a warning. */
  #safely<T>(act: () => T): T | null {
    try {
      return act();
    } catch (thrown) {
      if (!this.#hasWarned) {
        this.#hasWarned = true;
        const message = `OpenTelemetry failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
        this.#events.emit('warning', { callId: null, warning: { code: 'telemetry_failed', message } });
      }
      return null;
    }
  }

  #listen(): void {
    this.#isListening = true;
    this.#events.observe('breaker', ({ target, to }) => this.#otel?.instruments?.breaker(target, to));
    observeCalls(this.#events, attributeNames[this.#semconv], (callId) => this.#traces.get(callId));
  }
}
