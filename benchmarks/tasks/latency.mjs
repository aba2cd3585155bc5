import { median } from '../lib/statistics.mjs';

/** Runs `act` one after the other; resolves with the median of the microseconds it returns, or of its whole time. */
async function oneByOne(count, act) {
  const times = [];
  const startedAt = performance.now();
  for (let call = 0; call < count; call++) {
    const fromMs = performance.now();
    const us = await act(call, fromMs);
    times.push(us ?? (performance.now() - fromMs) * 1000);
  }
  return { ms: performance.now() - startedAt, p50Us: median(times) };
}

/** Calls that follow each other. */
export const latency = (contender, { count }) =>
  oneByOne(count, async (call) => {
    await contender.call(call);
  });

/** Time to the first piece of text of streams that follow each other. The rest is read, too. */
export const firstToken = (contender, { count }) =>
  oneByOne(count, async (call, fromMs) => {
    let us;
    for await (const text of contender.stream(call)) if (text !== '') us ??= (performance.now() - fromMs) * 1000;
    return us;
  });

/** Only for raw-ledger: a hold and its settlement with nothing between them; the hold alone. */
export const commits = (contender, { count }) => oneByOne(count, () => contender.commits());
export const holds = (contender, { count }) => oneByOne(count, () => contender.hold());
