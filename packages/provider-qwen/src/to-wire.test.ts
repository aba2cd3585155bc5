import type { ChatRequest, Reasoning } from '@vibe/core';
import { user } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { chatCall, provide } from './testing.js';

const snapshots = ['qwen-plus-latest', 'qwen-plus-2025-04-28', 'qwen-plus-2025-07-28', 'qwen-plus-2026-01-25'];
const others = ['qwen3-8b', 'qwen3-max-2025-09-23', 'qwen3-max-preview', ...snapshots];
const provider = provide({ models: others.map((id) => ({ id, reasoning: true, structured: true })) });

interface Body {
  readonly [field: string]: unknown;
}

function bodyOf(model: string, request: Partial<ChatRequest> = {}, incremental = false, endpoint = 'cn'): Body {
  return provider.describe?.(chatCall(provider, request, { model, incremental, endpoint })).body as Body;
}

describe('the cap', () => {
  it('is always sent, in the field that includes thinking where the model can think', () => {
    expect(bodyOf('qwen-plus')).toMatchObject({ max_completion_tokens: 32_768 });
    expect(bodyOf('qwen-plus', { maxOutputTokens: 7 })).toMatchObject({ max_completion_tokens: 7 });
    expect(bodyOf('qwen-plus')).not.toHaveProperty('max_tokens');
    expect(bodyOf('qwen-max', { maxOutputTokens: 7 })).toMatchObject({ max_tokens: 7 });
    expect(bodyOf('qwen-max')).not.toHaveProperty('max_completion_tokens');
  });
});

describe('reasoning', () => {
  const thinking = (model: string, reasoning: Reasoning | undefined) => {
    const { enable_thinking, thinking_budget, reasoning_effort, stream } = bodyOf(
      model,
      reasoning === undefined ? {} : { reasoning },
    );
    return { enable_thinking, thinking_budget, reasoning_effort, stream };
  };

  it('is left to the model when nobody asks', () => {
    for (const model of ['qwen-plus', 'qwen3.5-plus', 'qwq-plus', 'qwen3.8-max', 'qwen-max']) {
      expect(thinking(model, undefined)).toMatchObject({ enable_thinking: undefined, thinking_budget: undefined });
    }
  });

  it('is switched where there is a switch', () => {
    expect(thinking('qwen-plus', 'off')).toMatchObject({ enable_thinking: false, stream: undefined });
    expect(thinking('qwen3.5-plus', 'off')).toMatchObject({ enable_thinking: false, stream: undefined });
    expect(thinking('qwen-plus', 'low')).toMatchObject({ enable_thinking: true, thinking_budget: 1_024 });
    expect(thinking('qwen3-max', 'high')).toMatchObject({ enable_thinking: true, thinking_budget: 32_768 });
    expect(thinking('qwen-plus', { budgetTokens: 77 })).toMatchObject({ enable_thinking: true, thinking_budget: 77 });
  });

  it('is never switched blindly', () => {
    expect(thinking('qwq-plus', 'off')).toMatchObject({ enable_thinking: undefined, thinking_budget: undefined });
    expect(thinking('qwq-plus', 'low')).toMatchObject({ enable_thinking: undefined, thinking_budget: 1_024 });
    expect(thinking('qwen-max', 'high')).toMatchObject({ enable_thinking: undefined, thinking_budget: undefined });
    expect(thinking('qwen3-coder-plus', 'off')).toMatchObject({ enable_thinking: undefined });
    expect(thinking('qwen3.8-max', 'off')).toMatchObject({ enable_thinking: undefined, reasoning_effort: undefined });
    expect(thinking('qwen3.8-max', 'high')).toMatchObject({ enable_thinking: undefined, reasoning_effort: 'xhigh' });
    expect(thinking('qwen3.8-max', 'low')).toMatchObject({ reasoning_effort: 'low' });
  });

  it('leaves room for an answer', () => {
    const body = bodyOf('qwen-plus', { reasoning: 'high', maxOutputTokens: 1_000 });
    expect(body).toMatchObject({ thinking_budget: 500, max_completion_tokens: 1_000 });
  });

  it('is always streamed by the service, whoever watches', () => {
    expect(thinking('qwen-plus', 'low')).toMatchObject({ stream: true });
    expect(thinking('qwen3-8b', undefined)).toMatchObject({ stream: true });
    expect(thinking('qwq-plus', undefined)).toMatchObject({ stream: true });
    expect(thinking('qwen-plus', undefined)).toMatchObject({ stream: undefined });
    expect(bodyOf('qwen-plus', { reasoning: 'low' })).toMatchObject({ stream_options: { include_usage: true } });
  });
});

describe('structured output', () => {
  const output = { type: 'object', properties: { city: { type: 'string' } } };
  const native = { response_format: { type: 'json_object' } };

  const bySchema = { type: 'json_schema', json_schema: { name: 'answer', schema: output, strict: false } };

  it('uses the schema mode where the model is known to have it', () => {
    for (const id of ['qwen-plus', 'qwen-plus-latest', 'qwen-plus-2025-07-28', 'qwen-plus-2026-01-25']) {
      const body = bodyOf(id, { output });
      expect(body['response_format']).toEqual(bySchema);
      expect(body['messages']).toEqual([{ role: 'user', content: 'Hello' }]);
    }
    for (const id of ['qwen3-max', 'qwen-flash', 'qwen3-max-2025-09-23']) {
      expect(bodyOf(id, { output }, false, 'sg')['response_format']).toEqual(bySchema);
      expect(bodyOf(id, { output }, false, 'cn')).toMatchObject(native);
    }
  });

  it('is strict where strict mode takes the schema', () => {
    const closed = { ...output, required: ['city'], additionalProperties: false };
    expect(bodyOf('qwen-plus', { output: closed })).toMatchObject({
      response_format: { json_schema: { strict: true } },
    });
  });

  it('uses JSON mode elsewhere, with the schema and the word JSON in the prompt', () => {
    for (const id of ['qwen-max', 'qwen-turbo', 'qwen-plus-2025-04-28', 'qwen-flash', 'qwen3-max-preview']) {
      const body = bodyOf(id, { output });
      expect(body).toMatchObject(native);
      expect(JSON.stringify(body['messages'])).toMatch(/JSON Schema.*city/);
    }
  });

  it('switches thinking off where it is on by default, because JSON mode refuses it', () => {
    expect(bodyOf('qwen3.5-plus', { output })).toMatchObject({ ...native, enable_thinking: false });
    expect(bodyOf('qwen-plus', { output })).not.toHaveProperty('enable_thinking');
  });

  it('is asked for in words only when the model thinks', () => {
    const body = bodyOf('qwen-plus', { output, reasoning: 'low' });
    expect(body).toMatchObject({ enable_thinking: true });
    expect(body).not.toHaveProperty('response_format');
    for (const model of ['qwq-plus', 'qwen3.8-max', 'qwen-long']) {
      expect(bodyOf(model, { output })).not.toHaveProperty('response_format');
      expect(JSON.stringify(bodyOf(model, { output })['messages'])).toContain('JSON Schema');
    }
  });
});

describe('tools', () => {
  const tools = [{ name: 'weather', input: { type: 'object' } }];

  it('may be called in parallel', () => {
    expect(bodyOf('qwen-plus', { tools })).toMatchObject({ parallel_tool_calls: true });
    expect(bodyOf('qwen-plus')).not.toHaveProperty('parallel_tool_calls');
  });

  it('cannot be required', () => {
    expect(bodyOf('qwen-plus', { tools, toolChoice: 'required' })).toMatchObject({ tool_choice: 'auto' });
    expect(bodyOf('qwen-plus', { tools, toolChoice: { name: 'weather' } })).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'weather' } },
    });
  });
});

describe('media', () => {
  const content = (part: ChatRequest['messages'][number]['content'][number]) => {
    const body = bodyOf('qwen3-omni-flash', { messages: [{ role: 'user', content: [part] }] });
    return (body['messages'] as { content: unknown }[])[0]?.content;
  };

  it('are addresses, also for audio', () => {
    expect(content({ type: 'image', mediaType: 'image/png', data: new Uint8Array([1, 2, 3]) })).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
    ]);
    expect(content({ type: 'audio', mediaType: 'audio/wav', data: 'AQID' })).toEqual([
      { type: 'input_audio', input_audio: { data: 'data:audio/wav;base64,AQID', format: 'wav' } },
    ]);
    expect(content({ type: 'audio', mediaType: 'audio/mpeg', data: new URL('https://a.example/b.mp3') })).toEqual([
      { type: 'input_audio', input_audio: { data: 'https://a.example/b.mp3', format: 'mp3' } },
    ]);
  });

  it('may lie at the provider', () => {
    expect(content({ type: 'file_ref', mediaType: 'image/png', uri: 'oss://a' })).toEqual([
      { type: 'image_url', image_url: { url: 'oss://a' } },
    ]);
    expect(content({ type: 'file_ref', mediaType: 'video/mp4', uri: 'https://a.example/v.mp4' })).toEqual([
      { type: 'video_url', video_url: { url: 'https://a.example/v.mp4' } },
    ]);
    expect(content({ type: 'file_ref', mediaType: 'audio/x-wav', uri: 'oss://b' })).toEqual([
      { type: 'input_audio', input_audio: { data: 'oss://b', format: 'wav' } },
    ]);
    expect(() => content({ type: 'file_ref', mediaType: 'application/pdf', uri: 'oss://c' })).toThrow(
      /application\/pdf/,
    );
  });

  it('at the provider need a header', () => {
    const messages = [
      { role: 'user' as const, content: [{ type: 'file_ref' as const, mediaType: 'image/png', uri: 'oss://a' }] },
    ];
    const headersOf = (request: Partial<ChatRequest>) => provider.describe?.(chatCall(provider, request)).headers;
    expect(headersOf({ messages })).toHaveProperty('x-dashscope-ossresourceresolve', 'enable');
    expect(headersOf({ messages: [user('hi')] })).not.toHaveProperty('x-dashscope-ossresourceresolve');
  });

  it('are answered in text', () => {
    expect(bodyOf('qwen3-omni-flash')).toMatchObject({ modalities: ['text'], stream: true });
  });
});

describe('providerOptions.qwen', () => {
  it('come last', () => {
    const providerOptions = { qwen: { enable_search: true, top_k: 3 }, gemini: { x: 1 } };
    expect(bodyOf('qwen-plus', { providerOptions })).toMatchObject({ enable_search: true, top_k: 3 });
    expect(bodyOf('qwen-plus', { providerOptions })).not.toHaveProperty('x');
  });
});
