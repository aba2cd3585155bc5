import { join } from 'node:path';

/** Recorded chats whose request and usage are text only: what was sent, and the tokens that were billed. */
export function recordedCalls(root, readdir, read) {
  const json = (path) => {
    try {
      return JSON.parse(read(path, 'utf8'));
    } catch {
      return null;
    }
  };
  const calls = [];
  for (const provider of ['qwen', 'gemini']) {
    for (const name of readdir(join(root, provider))) {
      const folder = join(root, provider, name);
      const request = json(join(folder, 'request.json'));
      const body = request?.body ?? request;
      const answer = json(join(folder, 'response.json'));
      const call = provider === 'qwen' ? qwenCall(body, answer) : geminiCall(body, answer);
      if (call !== null) calls.push({ provider, name, ...call });
    }
  }
  return calls;
}

function qwenCall(body, answer) {
  // Tools and searches would have to be translated back; the tests of the providers look at those.
  if (/"(tools|enable_search|response_format)"/.test(JSON.stringify(body ?? {}))) return null;
  const usage = answer?.usage;
  const messages = body?.messages ?? body?.input?.messages;
  const input = usage?.prompt_tokens ?? usage?.input_tokens;
  const output = usage?.completion_tokens ?? usage?.output_tokens;
  if (!Array.isArray(messages) || !(input > 0) || !(output > 0) || body.tools !== undefined || usage.image_tokens > 0)
    return null;
  if (!messages.every(({ content, tool_calls }) => typeof content === 'string' && tool_calls === undefined))
    return null;
  const reasoning = (usage.completion_tokens_details ?? usage.output_tokens_details)?.reasoning_tokens ?? 0;
  return { model: body.model, messages, input, output: output - reasoning, reasoning };
}

function geminiCall(body, answer) {
  if (/"(tools|cachedContent|responseSchema|responseJsonSchema)"/.test(JSON.stringify(body ?? {}))) return null;
  const usage = (Array.isArray(answer) ? answer.at(-1) : answer)?.usageMetadata;
  const contents = body?.contents;
  if (!Array.isArray(contents) || body.tools !== undefined || !(usage?.promptTokenCount > 0)) return null;
  const parts = contents.flatMap((content) => content.parts ?? []);
  if (parts.length === 0 || !parts.every((part) => typeof part.text === 'string')) return null;
  if ((usage.promptTokensDetails ?? []).some(({ modality }) => modality !== 'TEXT')) return null;
  const system = body.systemInstruction?.parts?.map(({ text }) => text).join('') ?? '';
  const messages = contents.map(({ role, parts: own }) => ({
    role: role === 'model' ? 'assistant' : 'user',
    content: own.map(({ text }) => text).join(''),
  }));
  return {
    model: 'gemini-2.5-flash',
    messages: system === '' ? messages : [{ role: 'system', content: system }, ...messages],
    input: usage.promptTokenCount,
    output: usage.candidatesTokenCount ?? 0,
    reasoning: usage.thoughtsTokenCount ?? 0,
  };
}
