import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inParallel } from './throughput.mjs';

/** Calls against a server that fails some requests. Failures are counted, not thrown. */
export async function faults(contender, { count, concurrency }) {
  const hints = watchHints();
  const failures = [];
  const startedAt = performance.now();
  await inParallel(count, concurrency, async (call) => {
    try {
      await contender.call(call);
    } catch (error) {
      failures.push(`${error.code ?? error.name}: ${error.message}`);
    }
  });
  hints.stop();
  return {
    ms: performance.now() - startedAt,
    failures: failures.length,
    firstFailure: failures[0] ?? null,
    hinted: hints.received,
    tooEarly: hints.tooEarly,
  };
}

/**
 * Watches what really leaves this process: requests to a path although an answer with a Retry-After for it has arrived
 * whole and its time is not over. Undici tells.
 */
function watchHints() {
  const hintMs = new WeakMap();
  const closedUntilMs = new Map();
  const found = { received: 0, tooEarly: [] };
  const listeners = {
    'undici:request:headers': ({ request, response }) => {
      if (response.statusCode === 429) hintMs.set(request, 1000 * Number(headerIn(response.headers, 'retry-after')));
    },
    'undici:request:trailers': ({ request }) => {
      if (!hintMs.has(request)) return;
      closedUntilMs.set(request.path, performance.now() + hintMs.get(request));
      found.received++;
    },
    'undici:client:sendHeaders': ({ request }) => {
      const leftMs = (closedUntilMs.get(request.path) ?? 0) - performance.now();
      if (leftMs > 0) found.tooEarly.push(leftMs);
    },
  };
  for (const [name, listener] of Object.entries(listeners)) subscribe(name, listener);
  return Object.assign(found, {
    stop() {
      for (const [name, listener] of Object.entries(listeners)) unsubscribe(name, listener);
    },
  });
}

function headerIn(rawHeaders, wanted) {
  const names = rawHeaders.map((text) => String(text).toLowerCase());
  return names[names.indexOf(wanted) + 1];
}
