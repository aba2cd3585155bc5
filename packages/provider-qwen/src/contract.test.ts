import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Answering,
  type Held,
  type ProviderSubject,
  providerContract,
  type Said,
  type ServiceRequest,
  type Situation,
} from '@vibe/contract-tests';
import type { PluginInput } from '@vibe/core';
import { type Fault, type Simulator, startSimulator } from '@vibe/simulator';
import { describe, it } from 'vitest';
import { qwen } from './index.js';

const goodKey = 'sk-contract-good-0123456789';
const wrongKey = 'sk-contract-wrong-9876543210';
const hintMs = 2_000;

await providerContract({ describe, it }, { name: '@vibe/provider-qwen', setup: qwenSubject });

/** Qwen against the simulator; against a small server of its own for what the simulator cannot say. */
async function qwenSubject(): Promise<ProviderSubject> {
  const simulator = await startSimulator();
  const caching = await startSimulator({ cachedShare: 0.5 });
  const fixtures = await serveFixtures();
  const enter = (...faults: Fault[]): Held => {
    simulator.reset();
    if (faults.length > 0) simulator.script({ fault: faults });
    return watched(simulator);
  };
  return {
    provider: provider(simulator.baseUrls.qwen),
    secrets: [goodKey, wrongKey],
    situations: {
      answer: () => answering(simulator, enter()),
      reasoning: () => answering(simulator, enter()),
      cachedInput: () => ({ ...answering(caching, watched(caching)), provider: provider(caching.baseUrls.qwen) }),
      holdBack: () => enter({ kind: 'stall', afterDeltas: 1 }),
      silence: () => enter({ kind: 'stall' }),
      badKey: () => ({ ...enter(), provider: provider(simulator.baseUrls.qwen, wrongKey) }),
      rateLimited: () => ({ ...enter({ kind: 'status', status: 429, retryAfterMs: hintMs }), retryAfterMs: hintMs }),
      rateLimitedWithoutHint: () => enter({ kind: 'status', status: 429 }),
      serverError: () => enter({ kind: 'status', status: 500 }),
      overloaded: () => enter({ kind: 'status', status: 503 }),
      rejected: () => enter({ kind: 'status', status: 400 }),
      unreadable: () => enter({ kind: 'html', status: 200 }),
      resetBeforeAnswer: () => enter({ kind: 'reset' }),
      resetInAnswer: () => enter({ kind: 'reset', afterDeltas: 1 }),
      truncated: () => enter({ kind: 'truncate', afterDeltas: 1 }),
      noUsage: () => enter({ kind: 'missingUsage' }),
      toolCall: () => ({ provider: provider(fixtures.url), requests: () => [] }),
      structured: () => ({ provider: provider(fixtures.url), requests: () => [] }),
    },
    close: async () => void (await Promise.all([simulator.close(), caching.close(), fixtures.close()])),
  };
}

function provider(baseUrl: string, apiKey = goodKey): PluginInput {
  return qwen({ apiKey, baseUrl });
}

function watched(simulator: Simulator): Held {
  return {
    requests: () =>
      simulator
        .requests()
        .filter(({ endpoint }) => endpoint === 'qwen.chat')
        .map(({ method, path, body }): ServiceRequest => ({ method, path, body })),
    arrived: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0)),
    left: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0 && attempts.running === 0)),
  };
}

function answering(simulator: Simulator, situation: Situation): Answering {
  return { ...situation, said: () => asked(simulator, situation.requests().at(-1)) };
}

interface RawAnswer {
  readonly choices: readonly [{ readonly message: { readonly content: string } }];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
  };
}

/** What the service says to the same request without the provider: equal requests get equal answers. */
async function asked(simulator: Simulator, request: ServiceRequest | undefined): Promise<Said> {
  const { stream: _, stream_options: __, ...body } = (request?.body ?? {}) as Record<string, unknown>;
  const response = await fetch(`${simulator.baseUrls.qwen}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${goodKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { choices, usage } = (await response.json()) as RawAnswer;
  const cachedInputTokens = usage.prompt_tokens_details?.cached_tokens;
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens;
  return {
    text: choices[0].message.content,
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

interface ChatBody {
  readonly stream?: boolean;
  readonly tools?: readonly unknown[];
}

const head = { id: 'chatcmpl-1', model: 'qwen-plus', created: 1_764_000_000 };
const usage = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32 };
const json = '{"city":"Berlin","population":3700000}';

/** Answers with calls of tools where it is given tools, otherwise in JSON. Formats: Alibaba's pages on both. */
async function serveFixtures(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as ChatBody;
    if (body.stream === true) streamFixture(response, body);
    else wholeFixture(response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toolCall(index: number, args: string) {
  return { index, id: `call_${index}`, type: 'function', function: { name: 'weather', arguments: args } };
}

function wholeFixture(response: ServerResponse, { tools = [] }: ChatBody): void {
  const calls = [toolCall(0, '{"city":"Berlin"}'), toolCall(1, '{"city":"Wuhan"}')];
  const [message, finish_reason] =
    tools.length > 0
      ? [{ role: 'assistant', content: '', tool_calls: calls }, 'tool_calls']
      : [{ role: 'assistant', content: json }, 'stop'];
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage }),
  );
}

/** Facts: the first fragment of a call has its id and name, those after it have an empty id. */
function streamFixture(response: ServerResponse, { tools = [] }: ChatBody): void {
  const fragment = (index: number, args: string) => ({
    index,
    id: '',
    type: 'function',
    function: { arguments: args },
  });
  const deltas =
    tools.length > 0
      ? [
          { role: 'assistant', content: null, tool_calls: [toolCall(0, '')] },
          { content: null, tool_calls: [fragment(0, '{"city":')] },
          { content: null, tool_calls: [fragment(0, '"Berlin"}')] },
          { content: null, tool_calls: [toolCall(1, '{"city":')] },
          { content: null, tool_calls: [fragment(1, '"Wuhan"}')] },
        ]
      : [{ role: 'assistant', content: json.slice(0, 12) }, { content: json.slice(12) }];
  const finish_reason = tools.length > 0 ? 'tool_calls' : 'stop';
  const chunk = (choices: readonly object[], used: object | null = null) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, usage: used })}\n\n`;
  response.setHeader('content-type', 'text/event-stream');
  for (const delta of deltas) response.write(chunk([{ index: 0, delta, finish_reason: null }]));
  response.write(chunk([{ index: 0, delta: { content: '' }, finish_reason }]));
  response.end(`${chunk([], usage)}data: [DONE]\n\n`);
}
