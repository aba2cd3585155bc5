// Node's own fetch, with the least code that reads the answers.
import { chatBody } from './prompt.mjs';
import { readEvents } from './read-events.mjs';

const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: 'Bearer key' };

export async function create({ baseUrl }) {
  const send = async (call, stream) => {
    const body = JSON.stringify(chatBody(call, stream));
    const answer = await fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer;
  };
  return {
    call: async (call) => (await (await send(call, false)).json()).choices[0].message.content,
    async *stream(call) {
      for await (const batch of readEvents((await send(call, true)).body)) {
        for (const data of batch) {
          if (data === '[DONE]') continue;
          const text = JSON.parse(data).choices[0]?.delta.content;
          if (text !== undefined) yield text;
        }
      }
    },
    close: async () => {},
  };
}
