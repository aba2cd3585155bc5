import type { ChatRequest } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { chatCall, provide } from './testing.js';

const provider = provide({ models: [{ id: 'tunedModels/my model', structured: true }, { id: 'gemini-2.0-flash' }] });

interface Body {
  readonly contents: readonly unknown[];
  readonly generationConfig: Record<string, unknown>;
  readonly [field: string]: unknown;
}

function bodyOf(request: Partial<ChatRequest> = {}, model = 'gemini-2.5-flash'): Body {
  return provider.describe?.(chatCall(provider, request, { model })).body as Body;
}

function urlOf(model: string, incremental: boolean): string {
  return provider.describe?.(chatCall(provider, {}, { model, incremental })).url ?? '';
}

describe('the address', () => {
  const base = 'https://generativelanguage.googleapis.com/v1beta';

  it('names model and method', () => {
    expect(urlOf('gemini-2.5-flash', true)).toBe(`${base}/models/gemini-2.5-flash:streamGenerateContent?alt=sse`);
    expect(urlOf('gemini-2.5-flash', false)).toBe(`${base}/models/gemini-2.5-flash:generateContent`);
  });

  it('keeps the resource name of a tuned model and escapes what could leave the path', () => {
    expect(urlOf('tunedModels/my model', false)).toBe(`${base}/tunedModels/my%20model:generateContent`);
    for (const id of ['../../files', 'a/../b', './x', 'a//b']) {
      const leaving = provide({ models: [{ id }] });
      const call = chatCall(leaving, {}, { model: id, incremental: false });
      expect(() => leaving.describe?.(call)).toThrow(`"${id}" is no model of Gemini. Nothing was sent.`);
    }
  });
});

describe('the body', () => {
  it('has what was asked for and always a cap', () => {
    expect(bodyOf()).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      generationConfig: { maxOutputTokens: 65_536 },
    });
    const request = { maxOutputTokens: 9, temperature: 0, topP: 0.5, stop: ['x'], seed: 7 };
    expect(bodyOf(request).generationConfig).toEqual({
      maxOutputTokens: 9,
      temperature: 0,
      topP: 0.5,
      stopSequences: ['x'],
      seed: 7,
    });
  });

  it('has the tools and the choice between them', () => {
    const tools = [
      { name: 'weather', description: 'Now', input: { type: 'object' } },
      { name: 'time', input: {} },
    ];
    expect(bodyOf({ tools })).toMatchObject({
      tools: [
        {
          functionDeclarations: [
            { name: 'weather', description: 'Now', parametersJsonSchema: { type: 'object' } },
            { name: 'time', parametersJsonSchema: {} },
          ],
        },
      ],
    });
    expect(bodyOf({ tools })).not.toHaveProperty('toolConfig');
    const modeOf = (toolChoice: NonNullable<ChatRequest['toolChoice']>) => bodyOf({ tools, toolChoice })['toolConfig'];
    expect(modeOf('auto')).toEqual({ functionCallingConfig: { mode: 'AUTO' } });
    expect(modeOf('none')).toEqual({ functionCallingConfig: { mode: 'NONE' } });
    expect(modeOf('required')).toEqual({ functionCallingConfig: { mode: 'ANY' } });
    expect(modeOf({ name: 'time' })).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['time'] },
    });
    expect(bodyOf({ toolChoice: 'auto' })).not.toHaveProperty('toolConfig');
  });

  it('asks for JSON natively, or in words where that is refused', () => {
    const output = { type: 'object', properties: { city: { type: 'string' } } };
    expect(bodyOf({ output }).generationConfig).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: output,
    });
    const tools = [{ name: 'weather', input: {} }];
    for (const body of [bodyOf({ output, tools }), bodyOf({ output }, 'gemini-2.0-flash')]) {
      expect(body.generationConfig).not.toHaveProperty('responseMimeType');
      expect(JSON.stringify(body['systemInstruction'])).toContain('JSON Schema');
    }
    expect(bodyOf({ output, tools }, 'gemini-3.5-flash').generationConfig).toHaveProperty('responseJsonSchema', output);
  });

  it('takes the options of this provider last, and merges generationConfig', () => {
    const safetySettings = [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }];
    const gemini = { safetySettings, generationConfig: { topK: 3, topP: 0.5 } };
    expect(bodyOf({ temperature: 0, providerOptions: { gemini, qwen: { no: true } } })).toMatchObject({
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      safetySettings,
      generationConfig: { temperature: 0, topK: 3, topP: 0.5 },
    });
    expect(bodyOf({ providerOptions: { gemini, qwen: { no: true } } })).not.toHaveProperty('no');
  });

  it('keeps the choice of tools beside what options say about tools', () => {
    const gemini = { tools: [{ googleSearch: {} }], toolConfig: { includeServerSideToolInvocations: true } };
    const tools = [{ name: 'weather', input: { type: 'object' } }];
    expect(bodyOf({ tools, toolChoice: 'required', providerOptions: { gemini } })).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'weather' }] }, { googleSearch: {} }],
      toolConfig: { functionCallingConfig: { mode: 'ANY' }, includeServerSideToolInvocations: true },
    });
  });
});
