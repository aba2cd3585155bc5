import { context, metrics, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

class PulledReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

type Point = DataPoint<number> | DataPoint<Histogram>;

export interface Exported {
  spans(): readonly ReadableSpan[];
  /** The one span with this name. */
  span(name: string): ReadableSpan;
  /** Every data point of a metric; empty when it was never measured. */
  points(metric: string): Promise<readonly Point[]>;
  metricNames(): Promise<readonly string[]>;
  /** All that was exported, as text. */
  everything(): Promise<string>;
}

export interface Registered {
  readonly tracing?: boolean;
  readonly metering?: boolean;
  readonly contexts?: boolean;
  readonly sampler?: Sampler;
}

/** Registers the real SDK with exporters in memory, as an application would. */
export function registerOtel(options: Registered = {}): Exported {
  const { tracing = true, metering = true, contexts = true, sampler } = options;
  const exporter = new InMemorySpanExporter();
  const reader = new PulledReader();
  if (contexts) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  if (tracing) {
    const spanProcessors = [new SimpleSpanProcessor(exporter)];
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors, ...(sampler === undefined ? {} : { sampler }) }),
    );
  }
  if (metering) metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const collected = async () => {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  };
  return {
    spans: () => exporter.getFinishedSpans(),
    span(name) {
      const found = exporter.getFinishedSpans().filter((span) => span.name === name);
      if (found.length !== 1) throw new Error(`${found.length} spans are called ${name}`);
      return found[0]!;
    },
    async points(metric) {
      const found = (await collected()).find(({ descriptor }) => descriptor.name === metric);
      return (found?.dataPoints ?? []) as readonly Point[];
    },
    metricNames: async () => (await collected()).map(({ descriptor }) => descriptor.name),
    async everything() {
      const spans = exporter
        .getFinishedSpans()
        .map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links }));
      return JSON.stringify([spans, await collected()]);
    },
  };
}

/** Forgets everything that was registered. */
export function unregisterOtel(): void {
  trace.disable();
  metrics.disable();
  context.disable();
}

/** Runs `act` in a span of the application. */
export async function inSpan<T>(name: string, act: (span: Span) => T | Promise<T>): Promise<T> {
  return trace.getTracer('application').startActiveSpan(name, async (span) => {
    try {
      return await act(span);
    } finally {
      span.end();
    }
  });
}

/** A client library with instrumentation of its own: starts and ends a span. */
export function instrumented(name: string): void {
  trace.getTracer('undici').startSpan(name).end();
}
