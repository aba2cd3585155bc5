import type { Estimate } from '@vibe/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeSession, fakeWorld, type Sandbox, sandbox } from '../testing.js';
import { explainText } from './explain-text.js';

const target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' };
const scoreParts = { cost: 1, latency: 0.5, tail: 0.25, firstToken: 1, reliability: 0.96, quality: 0.6, headroom: 1 };
const route = {
  target,
  eligible: true,
  reasons: [],
  score: 0.7512,
  scoreParts,
  estimatedUsd: 0.0001,
  worstCaseUsd: 0.002,
};
const estimate: Estimate = {
  inputTokens: 25,
  worstCaseUsd: 0.002,
  policy: 'smart',
  routes: [
    route,
    { ...route, target: { ...target, model: 'mine' }, score: 0.5, scoreParts: { charm: 0.5 }, estimatedUsd: null },
    {
      ...route,
      target: { ...target, endpoint: 'sg', region: 'sg' },
      eligible: false,
      reasons: ['region sg is not allowed, allowed are cn'],
      score: null,
      scoreParts: {},
    },
  ],
  verdict: { allowed: true, limiterWaitMs: 0 },
};

describe('llm route explain', () => {
  it('shows every candidate with the parts of its score, and why the others may not serve', () => {
    const text = explainText(fakeSession({}, fakeWorld({ columns: 140 })), estimate);
    expect(text).toContain('2 of 3 routes may serve it, policy smart; up to 25 input tokens. Nothing was sent.');
    expect(text).toMatch(
      /1 {2}qwen-plus @ qwen\/cn {2}cn +0\.751 +1\.00 +0\.50 +0\.25 +1\.00 +0\.96 +0\.60 +1\.00 +– +\$0\.0001/,
    );
    expect(text).toMatch(/2 {2}mine @ qwen\/cn .* 0\.50 +– /);
    expect(text).toContain('  qwen-plus @ qwen/sg: region sg is not allowed, allowed are cn');
    expect(text).toContain('Verdict  allowed');
  });

  it('leaves out parts on a narrow terminal, never the route, its score or its estimate', () => {
    const narrow = explainText(fakeSession({}, fakeWorld({ columns: 60 })), estimate);
    expect(narrow).toMatch(/ROUTE .*SCORE .*ESTIMATE/);
    expect(narrow).not.toContain('ROOM');
  });

  it('gives programs everything, with empty cells for what is unknown', () => {
    const [header, first, , refused] = explainText(fakeSession({ plain: true }), estimate).split('\n');
    expect(header?.split('\t').slice(0, 6)).toEqual(['route', 'region', 'eligible', 'score', 'cost', 'latency']);
    expect(first?.split('\t')[3]).toBe('0.7512');
    expect(refused?.split('\t').slice(0, 5)).toEqual(['qwen-plus @ qwen/sg', 'sg', 'false', '', '']);
    expect(refused).toMatch(/region sg is not allowed, allowed are cn$/);
  });
});

describe('the program', () => {
  let box: Sandbox;
  beforeAll(() => {
    box = sandbox();
  });
  afterAll(() => box.remove());

  it('explains a route without a key and without a call', async () => {
    const { exitCode, out, err } = await box.llm(['route', 'explain', 'Hi', '--region', 'cn', '--json']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const { schema, estimate: told } = JSON.parse(out);
    expect([schema, told.policy]).toEqual(['vibe.route/1', 'smart']);
    const reasons = told.routes.flatMap((each: { reasons: string[] }) => each.reasons);
    expect(reasons).toContain('DASHSCOPE_API_KEY is not set for qwen/cn');
    expect(reasons).toContain('region global is not allowed, allowed are cn');
  });
});
