import { VibeError } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { readChatChunk } from './chunk.js';
import { chatFinishReason } from './finish-reason.js';

const message = (fields: object) => readChatChunk({ choices: [{ index: 0, message: fields, finish_reason: 'stop' }] });

describe('a chunk of a chat', () => {
  it.each<[string, object, object]>([
    ['a string', { content: 'Hi' }, { text: 'Hi', reasoning: undefined }],
    ['nothing', { content: null }, { text: undefined }],
    ['no parts', { content: [] }, { text: '' }],
    [
      'parts',
      {
        content: [
          { type: 'text', text: 'H' },
          { type: 'text', text: 'i' },
        ],
      },
      { text: 'Hi' },
    ],
    [
      'parts of thoughts (Mistral)',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'Hi' },
        ],
      },
      { text: 'Hi', reasoning: 'hm' },
    ],
    ['a refusal as a part', { content: [{ type: 'refusal', refusal: 'no' }] }, { text: '', refusal: 'no' }],
    ['thoughts in two fields, one of them empty', { reasoning_content: '', reasoning: 'hm' }, { reasoning: 'hm' }],
    ['null everywhere', { content: null, reasoning_content: null, tool_calls: null, audio: null }, { toolCalls: [] }],
  ])('has the content of %s', (_what, fields, expected) => {
    expect(message(fields).choice).toMatchObject(expected);
  });

  it('reads calls without index and id, with the input as text or as an object', () => {
    const tool_calls = [
      { index: null, id: null, function: { name: 'a', arguments: '{}' } },
      { id: '', function: { name: 'b', arguments: { city: 'Rome' } } },
      { id: 'c', function: { name: 'c', arguments: null } },
    ];
    expect(message({ tool_calls }).choice?.toolCalls).toEqual([
      { index: undefined, id: '', name: 'a', inputText: '{}' },
      { index: undefined, id: '', name: 'b', inputText: '{"city":"Rome"}' },
      { index: undefined, id: 'c', name: 'c', inputText: '' },
    ]);
  });

  it.each<[string, object]>([
    ['beside the choices', { choices: [], usage: { prompt_tokens: 3 } }],
    ['of Groq', { choices: [], x_groq: { usage: { prompt_tokens: 3 } } }],
    ['of Moonshot', { choices: [{ delta: {}, finish_reason: 'stop', usage: { prompt_tokens: 3 } }] }],
    ['of Moonshot beside nothing', { usage: null, choices: [{ delta: {}, usage: { prompt_tokens: 3 } }] }],
  ])('has the usage %s', (_where, body) => {
    expect(readChatChunk(body).usage).toEqual({ prompt_tokens: 3 });
  });

  it.each<[string, unknown]>([
    ['in error', { error: { message: 'x' } }],
    ['as text', { error: 'x' }],
    ['beside choices', { error: { message: 'x' }, choices: [] }],
    ['in a choice', { choices: [{ index: 0, delta: {}, error: { code: 502, message: 'x' } }] }],
    ['flat with a word', { code: 'Throttling', message: 'x' }],
    ['flat with a number', { object: 'error', code: 400, message: 'x' }],
    ['of MiniMax', { choices: null, base_resp: { status_code: 1008, status_msg: 'x' } }],
  ])('has the error %s', (_where, body) => {
    expect(readChatChunk(body).error).toBeDefined();
  });

  it.each<[string, unknown]>([
    ['an answer of MiniMax', { choices: [], base_resp: { status_code: 0, status_msg: '' } }],
    ['a chunk that says only its id', { id: 'x', object: 'chat.completion.chunk' }],
    ['a null error', { error: null, choices: [] }],
    ['an empty code', { code: '', message: '' }],
    ['a code of success', { code: 200, message: 'ok' }],
  ])('has no error in %s', (_what, body) => {
    expect(readChatChunk(body).error ?? undefined).toBeUndefined();
  });

  it.each([
    [{ choices: {} }, '$.choices'],
    [{ choices: ['text'] }, '$.choices[0]'],
    [{ choices: [{ message: { content: 3 } }] }, '$.choices[0].message.content'],
    [{ choices: [{ message: { content: ['a'] } }] }, '$.choices[0].message.content[0]'],
    [{ choices: [{ delta: { content: [{ text: 1 }] } }] }, '$.choices[0].delta.content[0].text'],
    [{ choices: [{ delta: {}, finish_reason: 1 }] }, '$.choices[0].finish_reason'],
    [{ usage: 'free', choices: [] }, '$.usage'],
    [[], '$'],
  ])('of another type is an error with the path: %j', (body, path) => {
    expect(() => readChatChunk(body)).toThrow(path);
    expect(() => readChatChunk(body)).toThrow(VibeError);
  });
});

describe('the finish reason', () => {
  it.each([
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['eos', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['sensitive', 'content_filter'],
    ['function_call', 'tool_calls'],
    ['insufficient_system_resource', 'other'],
    ['constructor', 'other'],
    ['', 'other'],
  ])('%s is %s', (raw, reason) => {
    expect(chatFinishReason(raw, false)).toBe(reason);
  });

  it('is that of calls when there are some', () => {
    expect(chatFinishReason('stop', true)).toBe('tool_calls');
    expect(chatFinishReason('length', true)).toBe('length');
  });
});
