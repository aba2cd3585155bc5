import type { Reasoning, Warning } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { chatCall, provide } from './testing.js';
import { thinkingConfig } from './thinking.js';

const provider = provide({
  models: ['gemini-2.0-flash', 'gemini-3-pro-preview', 'gemini-flash-latest'].map((id) => ({ id })),
});

function ask(model: string, reasoning?: Reasoning, maxOutputTokens?: number) {
  const warnings: Warning[] = [];
  const request = {
    ...(reasoning !== undefined && { reasoning }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  const config = thinkingConfig(chatCall(provider, request, { model }), warnings);
  return { config, warnings: warnings.map(({ code, details }) => `${code} ${details?.['parameter']}`) };
}

const refused = ['unsupported_parameter reasoning'];

describe('thinking', () => {
  it('is left to the model when nobody asks', () => {
    for (const model of ['gemini-2.5-pro', 'gemini-3.5-flash', 'gemini-4-argon']) {
      expect(ask(model)).toEqual({ config: undefined, warnings: [] });
    }
  });

  it('is a budget on 2.5', () => {
    expect(ask('gemini-2.5-flash', 'off').config).toEqual({ thinkingBudget: 0 });
    expect(ask('gemini-2.5-flash-lite', 'off').config).toEqual({ thinkingBudget: 0 });
    expect(ask('gemini-2.5-flash', 'low').config).toEqual({ includeThoughts: true, thinkingBudget: 1_024 });
    expect(ask('gemini-2.5-flash', 'high').config).toEqual({ includeThoughts: true, thinkingBudget: 24_576 });
    expect(ask('gemini-2.5-pro', 'high').config).toEqual({ includeThoughts: true, thinkingBudget: 32_768 });
    expect(ask('gemini-2.5-flash', { budgetTokens: 77 })).toEqual({
      config: { includeThoughts: true, thinkingBudget: 77 },
      warnings: [],
    });
  });

  it('cannot be off on 2.5-pro', () => {
    expect(ask('gemini-2.5-pro', 'off')).toEqual({ config: { thinkingBudget: 128 }, warnings: refused });
  });

  it('keeps to the range of the model', () => {
    expect(ask('gemini-2.5-flash-lite', { budgetTokens: 3 })).toEqual({
      config: { includeThoughts: true, thinkingBudget: 512 },
      warnings: ['unsupported_parameter reasoning.budgetTokens'],
    });
  });

  it('leaves room for an answer', () => {
    expect(ask('gemini-2.5-flash', 'high', 1_000).config).toEqual({ includeThoughts: true, thinkingBudget: 500 });
  });

  it('is a level from 3 on', () => {
    expect(ask('gemini-3.5-flash', 'low')).toEqual({
      config: { includeThoughts: true, thinkingLevel: 'LOW' },
      warnings: [],
    });
    expect(ask('gemini-3.1-pro-preview', 'medium').config).toMatchObject({ thinkingLevel: 'MEDIUM' });
    expect(ask('gemini-4-argon', 'high').config).toMatchObject({ thinkingLevel: 'HIGH' });
    expect(ask('gemini-flash-latest', 'high').config).toMatchObject({ thinkingLevel: 'HIGH' });
  });

  it('at a level cannot be off, and the lowest level is sent', () => {
    expect(ask('gemini-3.5-flash-lite', 'off')).toEqual({ config: { thinkingLevel: 'MINIMAL' }, warnings: refused });
    expect(ask('gemini-4-argon', 'off')).toEqual({ config: { thinkingLevel: 'LOW' }, warnings: refused });
  });

  it('takes the nearest level with a warning', () => {
    expect(ask('gemini-3-pro-preview', 'medium')).toEqual({
      config: { includeThoughts: true, thinkingLevel: 'HIGH' },
      warnings: refused,
    });
    const budget = (budgetTokens: number) => ask('gemini-4-argon', { budgetTokens });
    expect(budget(500)).toMatchObject({
      config: { thinkingLevel: 'LOW' },
      warnings: ['unsupported_parameter reasoning.budgetTokens'],
    });
    expect(budget(5_000)).toMatchObject({ config: { thinkingLevel: 'MEDIUM' } });
    expect(budget(50_000)).toMatchObject({ config: { thinkingLevel: 'HIGH' } });
  });

  it('is nothing that older models know', () => {
    expect(ask('gemini-2.0-flash', 'high')).toEqual({ config: undefined, warnings: refused });
    expect(ask('gemini-2.0-flash', 'off')).toEqual({ config: undefined, warnings: [] });
  });
});
