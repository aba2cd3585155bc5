import OpenAI from 'openai';
import { chatBody } from './prompt.mjs';

export async function create({ baseUrl }) {
  const client = new OpenAI({ apiKey: 'key', baseURL: baseUrl });
  return {
    call: async (call) => (await client.chat.completions.create(chatBody(call, false))).choices[0].message.content,
    async *stream(call) {
      const chunks = await client.chat.completions.create(chatBody(call, true));
      for await (const chunk of chunks) {
        const text = chunk.choices[0]?.delta.content;
        if (text) yield text;
      }
    },
    close: async () => {},
  };
}
