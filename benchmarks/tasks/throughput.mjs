import { measured } from './cpu-time.mjs';

let lastCall = 0;

/** Runs `act` with the numbers of `count` calls, `concurrency` of them at a time. */
export async function inParallel(count, concurrency, act) {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await act(++lastCall);
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
}

/** Unary calls. */
export const calls = (contender, { count, concurrency }) =>
  measured(() =>
    inParallel(count, concurrency, async (call) => {
      const text = await contender.call(call);
      if (text.length < 100) throw new Error(`A short answer: ${text}`);
    }),
  );

/** Whole streams; every delta must arrive. */
export const streams = (contender, { count, concurrency, events }) =>
  measured(() =>
    inParallel(count, concurrency, async (call) => {
      let deltas = 0;
      for await (const text of contender.stream(call)) if (text.length > 0) deltas++;
      if (deltas !== events) throw new Error(`${deltas} deltas instead of ${events}`);
    }),
  );
