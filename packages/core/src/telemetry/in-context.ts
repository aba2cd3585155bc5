import type { OtelContext, OtelRegistry } from './otel-api.js';

/** Iterates `events` with `context` active, so that spans made inside (of an HTTP client, a driver) find their parent. */
export function inContext<T>(
  events: AsyncIterable<T>,
  manager: NonNullable<OtelRegistry['context']>,
  context: OtelContext,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = events[Symbol.asyncIterator]();
      const finish = iterator.return?.bind(iterator);
      return {
        next: () => manager.with(context, () => iterator.next()),
        ...(finish === undefined ? {} : { return: (value?: unknown) => manager.with(context, () => finish(value)) }),
      };
    },
  };
}
