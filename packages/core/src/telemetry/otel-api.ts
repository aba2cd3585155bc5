/** The part of `@opentelemetry/api` 1.x that is used here, as shapes: core imports no package, not even for types. */

export type Attributes = Record<string, string | number | boolean | string[]>;

export interface OtelSpan {
  isRecording(): boolean;
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes?: Attributes): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

export interface OtelTracer {
  startSpan(name: string, options: { kind: number; attributes: Attributes }, context: OtelContext): OtelSpan;
}

export interface OtelInstrumentOptions {
  readonly unit: string;
  readonly description: string;
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

/** A histogram, or a gauge. */
export interface OtelRecorder {
  record(value: number, attributes?: Attributes): void;
}

export interface OtelCounter {
  add(value: number, attributes?: Attributes): void;
}

export interface OtelMeter {
  createHistogram(name: string, options: OtelInstrumentOptions): OtelRecorder;
  createCounter(name: string, options: OtelInstrumentOptions): OtelCounter;
  createUpDownCounter(name: string, options: OtelInstrumentOptions): OtelCounter;
  createGauge(name: string, options: OtelInstrumentOptions): OtelRecorder;
}

export interface OtelScopeOptions {
  readonly schemaUrl?: string;
}

/** What an application has registered with `trace.setGlobalTracerProvider` and its siblings. Any of it may be missing. */
export interface OtelRegistry {
  readonly trace?: { getTracer(name: string, version?: string, options?: OtelScopeOptions): OtelTracer };
  readonly metrics?: { getMeter(name: string, version?: string, options?: OtelScopeOptions): OtelMeter };
  readonly context?: { active(): OtelContext; with<T>(context: OtelContext, act: () => T): T };
}

/** Numbers of the specification, not of one version of the package. */
export const spanKind = { internal: 0, client: 2 } as const;
export const statusError = { code: 2 } as const;

/** Under this symbol every copy of the API 1.x keeps what is registered, so that copies of the package find each other. */
const registryKey = Symbol.for('opentelemetry.js.api.1');
/** Under this one a context keeps its span; the same in every copy, for the same reason. */
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN');

/** What is registered now; undefined when nobody has loaded the API. One property read. */
export function otelRegistry(): OtelRegistry | undefined {
  return (globalThis as { [registryKey]?: OtelRegistry })[registryKey];
}

export function hasSpan(context: OtelContext): boolean {
  return context.getValue(spanKey) !== undefined;
}

export function withSpan(context: OtelContext, span: OtelSpan): OtelContext {
  return context.setValue(spanKey, span);
}

/** A context of our own, for programs that register a tracer and no context manager. */
export class PlainContext implements OtelContext {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): OtelContext {
    return new PlainContext(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): OtelContext {
    const values = new Map(this.#values);
    values.delete(key);
    return new PlainContext(values);
  }
}
