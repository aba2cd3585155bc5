/**
 * For rows about CPU: the compiler of V8 is busy with a client for the first thousands of calls, which a service has made in
 * its first minute.
 */
export const warmForCpuMs = 12_000;

/**
 * Rounds in which every turn is done once, one after the other, in an order that rotates. A turn is a task of a client,
 * `{ key, client, task, options }`. Each warms up for `warmMs`, then takes about `turnMs` with the same count in all
 * rounds. Resolves with the results by key, round by round.
 */
export async function interleave(turns, { rounds, turnMs, warmMs, warmCount, least }) {
  const counts = new Map();
  for (const { key, client, task, options } of turns) {
    const ms = await warmUp(client, task, { ...options, count: warmCount }, warmMs);
    counts.set(key, Math.max(least, Math.round((warmCount * turnMs) / ms)));
  }
  const results = Object.fromEntries(turns.map(({ key }) => [key, []]));
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < turns.length; place++) {
      const { key, client, task, options } = turns[(round + place) % turns.length];
      const count = counts.get(key);
      results[key].push({ count, ...(await client.run(task, { ...options, count })) });
    }
  }
  return results;
}

/** A turn per client, all with the same task. */
export const turnsOf = (clients, task, options = {}) =>
  clients.map((client) => ({ key: client.name, client, task, options }));

/** Resolves with the time of the last of at least two runs. */
async function warmUp(client, task, options, warmMs) {
  const startedAt = performance.now();
  let last = await client.run(task, options);
  do last = await client.run(task, options);
  while (performance.now() - startedAt < warmMs);
  return last.ms;
}
