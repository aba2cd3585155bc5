import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';
import { maxOutputTokens, model, prompt, system, temperature } from './prompt.mjs';

export async function create({ baseUrl }) {
  const service = createOpenAICompatible({ name: 'bench', baseURL: baseUrl, apiKey: 'key', includeUsage: true });
  const request = (call) => ({ model: service(model), system, prompt: prompt(call), maxOutputTokens, temperature });
  return {
    call: async (call) => (await generateText(request(call))).text,
    stream: (call) => streamText(request(call)).textStream,
    close: async () => {},
  };
}
