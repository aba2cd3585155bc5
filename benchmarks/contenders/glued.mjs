// What a careful team writes by hand: openai for the wire and the retries, bottleneck for the limits, opossum for the
// breaker, and a budget in SQLite, held before a call and settled after it, each durably.
import { join } from 'node:path';
import Bottleneck from 'bottleneck';
import OpenAI from 'openai';
import CircuitBreaker from 'opossum';
import { openBudget } from './glued-budget.mjs';
import { chatBody } from './prompt.mjs';

const worstCaseNanoUsd = 1_300_000;
const costOf = (usage) => usage.prompt_tokens * 400 + usage.completion_tokens * 1200;

export async function create({ baseUrl, folder }) {
  const client = new OpenAI({ apiKey: 'key', baseURL: baseUrl, maxRetries: 3 });
  const limiter = new Bottleneck({
    maxConcurrent: 10_000,
    reservoir: 100_000_000,
    reservoirRefreshAmount: 100_000_000,
    reservoirRefreshInterval: 60_000,
  });
  const breaker = new CircuitBreaker((body, settings) => client.chat.completions.create(body, settings), {
    timeout: 600_000,
    errorThresholdPercentage: 50,
    resetTimeout: 30_000,
  });
  const budget = openBudget(join(folder, 'glued.db'), 1_000_000e9);
  const held = async (call, act) => {
    const id = budget.hold(call, worstCaseNanoUsd);
    try {
      return await act(id);
    } catch (error) {
      budget.settle(id, 0, 'failed');
      throw error;
    }
  };
  return {
    call: (call) =>
      held(call, async (id) => {
        const answer = await limiter.schedule(() => breaker.fire(chatBody(call, false)));
        budget.settle(id, costOf(answer.usage), 'ok');
        return answer.choices[0].message.content;
      }),
    async *stream(call) {
      const id = budget.hold(call, worstCaseNanoUsd);
      const abort = new AbortController();
      let usage = null;
      try {
        const chunks = await limiter.schedule(() => breaker.fire(chatBody(call, true), { signal: abort.signal }));
        for await (const chunk of chunks) {
          usage = chunk.usage ?? usage;
          const text = chunk.choices[0]?.delta.content;
          if (text) yield text;
        }
      } finally {
        abort.abort();
        budget.settle(id, usage === null ? worstCaseNanoUsd : costOf(usage), usage === null ? 'cancelled' : 'ok');
      }
    },
    async close() {
      breaker.shutdown();
      await limiter.disconnect();
      budget.close();
    },
  };
}
