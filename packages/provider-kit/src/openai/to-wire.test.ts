import type { ChatRequest, Endpoint, Json, Part, PartsMessage } from '@vibe/core';
import { collect, listen, reply, user } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { chatCall, testModel } from '../testing.js';
import { openAiCompatible } from './open-ai-compatible.js';

const provider = openAiCompatible({
  id: 'acme',
  endpoints: [{ id: 'main', baseUrl: 'https://acme.example/v1/' }],
  models: [],
});

function bodyOf(request: Partial<ChatRequest>, more: Parameters<typeof chatCall>[1] = {}): Record<string, unknown> {
  return provider.describe?.(chatCall(request, more)).body as Record<string, unknown>;
}

function messagesOf(...messages: readonly PartsMessage[]): unknown {
  return bodyOf({ messages })['messages'];
}

const image: Part = { type: 'image', mediaType: 'image/png', data: new Uint8Array([1, 2, 3]) };

describe('the body of a chat request', () => {
  it('has what was asked for and always a cap', () => {
    expect(bodyOf({})).toEqual({
      model: 'acme-large',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 2048,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(
      bodyOf({ maxOutputTokens: 10, temperature: 0, topP: 0.5, stop: ['x'], seed: 7 }, { incremental: false }),
    ).toMatchObject({ max_tokens: 10, temperature: 0, top_p: 0.5, stop: ['x'], seed: 7 });
  });

  it('streams when somebody watches or the model can do nothing else', () => {
    expect(bodyOf({}, { incremental: false })).not.toHaveProperty('stream');
    expect(bodyOf({}, { incremental: false, model: { ...testModel, streams: 'only' } })).toHaveProperty('stream', true);
    expect(bodyOf({}, { incremental: true, model: { ...testModel, streams: false } })).not.toHaveProperty('stream');
  });

  it('has the tools and the choice between them', () => {
    const tools = [{ name: 'weather', description: 'Now', input: { type: 'object' } }];
    const wire = [
      { type: 'function', function: { name: 'weather', description: 'Now', parameters: { type: 'object' } } },
    ];
    expect(bodyOf({ tools })).toMatchObject({ tools: wire });
    expect(bodyOf({ tools })).not.toHaveProperty('tool_choice');
    expect(bodyOf({ tools, toolChoice: 'required' })).toMatchObject({ tool_choice: 'required' });
    expect(bodyOf({ tools, toolChoice: { name: 'weather' } })).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'weather' } },
    });
    expect(bodyOf({ toolChoice: 'auto' })).not.toHaveProperty('tool_choice');
  });

  it('asks for JSON natively where the model can, otherwise in words', () => {
    const open = { type: 'object', properties: { city: { type: 'string' } } };
    const schema = { ...open, required: ['city'], additionalProperties: false };
    expect(bodyOf({ output: open })).toMatchObject({ response_format: { json_schema: { strict: false } } });
    expect(bodyOf({ output: schema })).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    });
    const inWords = bodyOf({ output: schema }, { model: { ...testModel, structured: false } });
    expect(inWords).not.toHaveProperty('response_format');
    expect(inWords['messages']).toEqual([
      { role: 'system', content: expect.stringContaining(JSON.stringify(schema)) },
      { role: 'user', content: 'Hello' },
    ]);
  });

  it('takes the options of this provider last, and of no other', () => {
    const providerOptions = { acme: { top_k: 5, service_tier: 'flex' }, other: { no: true } };
    expect(bodyOf({ providerOptions })).toMatchObject({ top_k: 5, service_tier: 'flex' });
    expect(bodyOf({ providerOptions })).not.toHaveProperty('no');
    expect(() => bodyOf({ providerOptions: { acme: { max_tokens: 5 } } })).toThrow(/Use maxOutputTokens/);
    expect(() => bodyOf({ providerOptions: { acme: { messages: [] } } })).toThrow(/must not set messages/);
  });
});

describe('the messages', () => {
  it('are plain text while they contain nothing else', () => {
    const system: PartsMessage = { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] };
    const text: PartsMessage = {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    };
    expect(messagesOf(system, text)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'a\nb' },
    ]);
  });

  it('are parts when they contain media', () => {
    const audio: Part = { type: 'audio', mediaType: 'audio/mpeg', data: 'AQID' };
    const url: Part = { type: 'image', mediaType: 'image/png', data: new URL('https://a.example/b.png') };
    const file: Part = { type: 'file_ref', mediaType: 'application/pdf', uri: 'file-1' };
    expect(messagesOf({ role: 'user', content: [{ type: 'text', text: 'Look' }, image, url, audio, file] })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
          { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
          { type: 'input_audio', input_audio: { data: 'AQID', format: 'mp3' } },
          { type: 'file', file: { file_id: 'file-1' } },
        ],
      },
    ]);
  });

  it('carry tool calls and their results, and no thoughts', () => {
    expect(
      messagesOf(
        user('Weather?'),
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm' },
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_call', id: 'a', name: 'weather', input: { city: 'Rome' } },
            { type: 'tool_call', id: 'b', name: 'time', input: {} },
          ],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool_result', id: 'a', output: { celsius: 40 } },
            { type: 'tool_result', id: 'b', output: 'no clock', isError: true },
            { type: 'tool_result', id: 'c', output: undefined as unknown as Json },
          ],
        },
      ),
    ).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
          { id: 'b', type: 'function', function: { name: 'time', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '{"celsius":40}' },
      { role: 'tool', tool_call_id: 'b', content: 'Error: no clock' },
      { role: 'tool', tool_call_id: 'c', content: '' },
    ]);
  });

  it('say that pictures and sound a model has made cannot go back', async () => {
    const made: PartsMessage = { role: 'assistant', content: [{ type: 'text', text: 'Here.' }, image, image] };
    const server = await listen(
      reply(200, {}, JSON.stringify({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] })),
    );
    const live = openAiCompatible({ id: 'acme', endpoints: [{ id: 'main', baseUrl: server.url }], models: [] });
    const call = chatCall({ messages: [user('Draw.'), made, user('Again.')] }, { incremental: false });
    const last = (await collect(live.stream({ ...call, endpoint: live.endpoints[0] as Endpoint }))).at(-1);
    expect(JSON.parse((await server.request()).body)).toMatchObject({
      messages: [{ content: 'Draw.' }, { role: 'assistant', content: 'Here.' }, { content: 'Again.' }],
    });
    expect(last).toMatchObject({
      result: {
        warnings: [{ code: 'unsupported_parameter', message: expect.stringContaining('its image was left out') }],
      },
    });
    await live.close?.();
    await server.close();
  });

  it('refuse what has no form instead of leaving it out', () => {
    const strange = { type: 'hologram', data: 'x' } as unknown as Part;
    for (const role of ['user', 'assistant'] as const)
      expect(() => messagesOf({ role, content: [strange] })).toThrow(/cannot take a hologram part/);
    const audio: Part = { type: 'audio', mediaType: 'audio/wav', data: new URL('https://a.example/b.wav') };
    expect(() => messagesOf({ role: 'user', content: [audio] })).toThrow(/cannot take the address of an audio file/);
    const call: Part = { type: 'tool_call', id: 'a', name: 'x', input: {} };
    expect(() => messagesOf({ role: 'user', content: [call] })).toThrow(/cannot take a tool_call part/);
  });
});
