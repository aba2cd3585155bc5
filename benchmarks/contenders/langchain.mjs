import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { maxOutputTokens, model, prompt, system, temperature } from './prompt.mjs';

export async function create({ baseUrl }) {
  const chat = new ChatOpenAI({
    apiKey: 'key',
    model,
    maxTokens: maxOutputTokens,
    temperature,
    streamUsage: true,
    configuration: { baseURL: baseUrl },
  });
  const messages = (call) => [new SystemMessage(system), new HumanMessage(prompt(call))];
  return {
    call: async (call) => (await chat.invoke(messages(call))).text,
    async *stream(call) {
      for await (const chunk of await chat.stream(messages(call))) if (chunk.text !== '') yield chunk.text;
    },
    close: async () => {},
  };
}
