// The yardstick: undici as Vibe uses it (same copy, a pool, no pipelining), and the least code that reads the answers.
import { fromPackage } from '../lib/from-package.mjs';
import { chatBody } from './prompt.mjs';
import { readEvents } from './read-events.mjs';

const { Pool } = fromPackage('provider-kit', 'undici');

export async function create({ baseUrl }) {
  const { origin, pathname } = new URL(baseUrl);
  const path = `${pathname}/chat/completions`;
  const pool = new Pool(origin, { connections: 1024, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: 'Bearer key' };
  const send = async (call, stream) => {
    const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(chatBody(call, stream)) });
    if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}`);
    return answer.body;
  };
  return {
    async call(call) {
      const body = await send(call, false);
      const answer = JSON.parse(await body.text());
      return answer.choices[0].message.content;
    },
    async *stream(call) {
      const body = await send(call, true);
      for await (const batch of readEvents(body)) {
        for (const data of batch) {
          if (data === '[DONE]') continue;
          const text = JSON.parse(data).choices[0]?.delta.content;
          if (text !== undefined) yield text;
        }
      }
    },
    close: () => pool.close(),
  };
}
