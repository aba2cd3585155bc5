/**
 * Rounds in which every client does the task once, one after the other, in an order that rotates. A count that keeps each
 * turn near `turnMs` is found while warming up, the same in all rounds. Resolves with the results by client, round by round.
 */
export async function interleave(clients, task, options, { rounds, turnMs, warmCount, least }) {
  const counts = new Map();
  for (const client of clients) {
    await client.run(task, { ...options, count: warmCount });
    const { ms } = await client.run(task, { ...options, count: warmCount });
    counts.set(client, Math.max(least, Math.round((warmCount * turnMs) / ms)));
  }
  const results = Object.fromEntries(clients.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < clients.length; place++) {
      const client = clients[(round + place) % clients.length];
      const count = counts.get(client);
      results[client.name].push({ count, ...(await client.run(task, { ...options, count })) });
    }
  }
  return results;
}
