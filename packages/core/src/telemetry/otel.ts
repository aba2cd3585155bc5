import type { Answer } from '../flow/answer.js';
import { Instruments } from './instruments.js';
import { type AttributeNames, attributeNames, type Semconv, schemaUrls, scopeName } from './names.js';
import {
  type Attributes,
  hasSpan,
  type OtelContext,
  type OtelRegistry,
  type OtelSpan,
  type OtelTracer,
  PlainContext,
  type spanKind,
  withSpan,
} from './otel-api.js';

/** A span and the context in which it is active. */
export interface ActiveSpan {
  readonly span: OtelSpan;
  readonly context: OtelContext;
}

/** What the application has registered, made ready for use. */
export class Otel {
  readonly names: AttributeNames;
  /** Null where no meter provider is registered. */
  readonly instruments: Instruments | null;
  readonly #registry: OtelRegistry;
  readonly #tracer: OtelTracer | null;

  constructor(registry: OtelRegistry, semconv: Semconv) {
    const schemaUrl = schemaUrls[semconv];
    const options = schemaUrl === null ? {} : { schemaUrl };
    // The registry itself changes when something is registered later.
    this.#registry = { ...registry };
    this.names = attributeNames[semconv];
    this.#tracer = registry.trace?.getTracer(scopeName, undefined, options) ?? null;
    const meter = registry.metrics?.getMeter(scopeName, undefined, options);
    this.instruments = meter === undefined ? null : new Instruments(meter, semconv);
  }

  /** Whether it was made of exactly this. */
  isOf({ trace, metrics, context }: OtelRegistry): boolean {
    const own = this.#registry;
    return own.trace === trace && own.metrics === metrics && own.context === context;
  }

  /** The context of the span that is active here, otherwise `fallback`. */
  parentContext(fallback: OtelContext | null): OtelContext {
    const active = this.#registry.context?.active();
    if (active === undefined) return fallback ?? new PlainContext();
    return fallback !== null && !hasSpan(active) ? fallback : active;
  }

  /** Null where no tracer is registered. */
  start(
    name: string,
    kind: (typeof spanKind)[keyof typeof spanKind],
    attributes: Attributes,
    parent: OtelContext,
  ): ActiveSpan | null {
    if (this.#tracer === null) return null;
    const span = this.#tracer.startSpan(name, { kind, attributes }, parent);
    return { span, context: withSpan(parent, span) };
  }

  /** The answer of `open`, asked for and read with the span active, so that spans made inside (of an HTTP client) find their parent. */
  around(open: () => Promise<Answer>, active: ActiveSpan | null): Promise<Answer> {
    const manager = this.#registry.context;
    if (active === null || manager === undefined) return open();
    const within = <T>(act: () => T): T => manager.with(active.context, act);
    return within(async () => {
      const answer = await open();
      answer.readWithin(within);
      return answer;
    });
  }
}
