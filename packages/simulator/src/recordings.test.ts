/** The simulator's replies against recorded traffic: the same fields in the same places. */

import { recordingsFolder } from '@vibe/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from './json.js';
import { type Simulator, startSimulator } from './simulator.js';
import {
  type Ask,
  type AskOptions,
  askGemini,
  askOpenai,
  askQwen,
  parseEvents,
  postJson,
  recording,
  shapeOf,
} from './testing.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const thoughts = { thinkingConfig: { includeThoughts: true } };
const fault = (text: string) => ({ headers: { 'x-vibe-fault': text } });
const status = (reason: string) => fault(`{"kind":"status","reason":"${reason}"}`);
const quota = fault('{"kind":"status","status":429,"retryAfterMs":48939.935699}');

/** Fields of recordings that are not ours to send: ids of the recorder, or only present in some recordings. */
const notOurs = /\.(turnToken|obfuscation)$/;

/** Case → how the same thing is asked of the simulator. */
const wholeAnswers: readonly (readonly [string, Ask, string, AskOptions])[] = [
  ['gemini/text-basic', askGemini, "What's 2 + 2?", {}],
  ['gemini/text-gemini-3-5-flash', askGemini, 'hi', { model: 'gemini-3.5-flash' }],
  ['gemini/finish-max-tokens', askGemini, 'hi', { fields: { maxOutputTokens: 5 } }],
  [
    'gemini/finish-max-tokens-empty-thinking',
    askGemini,
    'hi',
    { model: 'gemini-2.5-pro', fields: { maxOutputTokens: 5 } },
  ],
  ['gemini/thinking-nonstream', askGemini, 'hi', { model: 'gemini-3-flash-preview', fields: thoughts }],
  ['gemini/thinking-budget-zero', askGemini, 'hi', { fields: { thinkingConfig: { thinking_budget: 0 } } }],
  ['gemini/error-400-invalid-key', askGemini, 'hi', { key: 'invalid' }],
  ['gemini/error-403-no-key', askGemini, 'hi', { key: '' }],
  ['gemini/error-404-model', askGemini, 'hi', { model: 'no-such-model' }],
  ['gemini/error-429-retryinfo-tpm-paid', askGemini, 'hi', quota],
  ['gemini/error-400-vertex-token-limit', askGemini, 'hi', status('context_length')],
  ['gemini/paste-error-403-key-leaked', askGemini, 'hi', status('key_leaked')],
  ['gemini/paste-error-400-location', askGemini, 'hi', status('location')],
  ['gemini/paste-error-429-no-details', askGemini, 'hi', status('no_details')],
  ['gemini/paste-error-500-internal', askGemini, 'hi', fault('{"kind":"status","status":500}')],
  ['gemini/paste-error-503-high-demand', askGemini, 'hi', fault('{"kind":"status","status":503}')],
  ['gemini/paste-error-503-overloaded', askGemini, 'hi', status('overloaded')],
  ['qwen/compat-chat-plain', askQwen, 'hi', {}],
  ['qwen/compat-chat-plain-qwen-plus', askQwen, '你是谁？', {}],
  ['qwen/compat-thinking', askQwen, 'hi', { fields: { enable_thinking: true } }],
  ['qwen/compat-error-401-invalid-api-key', askQwen, 'hi', { key: 'invalid' }],
  ['qwen/compat-error-404-model-not-found', askQwen, 'hi', { model: 'no-such-model' }],
  ['qwen/compat-error-400-enable-thinking-nonstream', askQwen, 'hi', { model: 'qwen3-8b' }],
  ['qwen/compat-error-400-arrearage', askQwen, 'hi', status('arrearage')],
  ['qwen/compat-error-400-data-inspection', askQwen, 'hi', status('data_inspection_failed')],
];

const streams: readonly (readonly [string, Ask, string, AskOptions])[] = [
  ['gemini/stream-text-usage-cumulative', askGemini, 'tokens: 40', {}],
  [
    'gemini/stream-max-tokens',
    askGemini,
    'hi',
    { fields: { maxOutputTokens: 20, thinkingConfig: { thinkingBudget: 5 } } },
  ],
  ['gemini/thinking-stream', askGemini, 'hi', { model: 'gemini-3-flash-preview', fields: thoughts }],
  ['qwen/compat-stream-include-usage', askQwen, 'tokens: 40', {}],
  ['qwen/compat-stream-thinking', askQwen, 'tokens: 40', { fields: { enable_thinking: true } }],
  ['openai-compat/openai-stream-usage', askOpenai, 'tokens: 40', {}],
];

/** The shape without what differs by recorder or by our own tier header field. */
const comparable = (shape: Set<string>) => [...shape].filter((way) => !notOurs.test(way)).sort();

describe.skipIf(recordingsFolder === null)(
  'against recorded traffic (skipped without the folder of recordings)',
  () => {
    it.each(wholeAnswers)('%s has the recorded fields', async (name, ask, prompt, options) => {
      const recorded = JSON.parse(recording(`${name}/response.json`)) as JsonObject;
      const { httpStatus, http_status } = JSON.parse(recording(`${name}/meta.json`)) as JsonObject;
      const response = await ask(simulator, prompt, options);
      expect(response.status).toBe(httpStatus ?? http_status);
      expect(comparable(shapeOf(await response.json()))).toEqual(comparable(shapeOf(recorded)));
    });

    it.each(streams)('%s has the recorded fields, event by event', async (name, ask, prompt, options) => {
      const recorded = parseEvents(recording(`${name}/response.sse`));
      const own = parseEvents(await (await ask(simulator, prompt, { ...options, stream: true })).text());
      const shapes = (events: readonly JsonObject[]) => events.map((event) => comparable(shapeOf(event)).join(' '));
      const withoutTier = (shape: string) => shape.replace(/ \.usageMetadata\.serviceTier/, '');
      // The same kinds of events in the same order, however often each comes.
      const kinds = (events: readonly JsonObject[]) =>
        shapes(events)
          .map(withoutTier)
          .filter((shape, index, all) => shape !== all[index - 1]);
      expect(kinds(own)).toEqual(kinds(recorded));
    });

    it.each([
      ['gemini/error-400-invalid-key', 'invalid', ''],
      ['gemini/error-403-no-key', '', ''],
    ])('%s is answered word by word', async (name, key) => {
      const response = await askGemini(simulator, 'hi', { key });
      expect(await response.json()).toEqual(JSON.parse(recording(`${name}/response.json`)));
    });

    it('the DashScope 401 is answered word by word, apart from the request id', async () => {
      const recorded = JSON.parse(recording('qwen/compat-error-401-invalid-api-key/response.json')) as JsonObject;
      for (const key of ['', 'wrong-key']) {
        const own = (await (await askQwen(simulator, 'hi', { key })).json()) as JsonObject;
        expect(own['error']).toEqual(recorded['error']);
      }
    });

    it('a quota error of Gemini carries the recorded text and hint', async () => {
      const recorded = JSON.parse(recording('gemini/error-429-retryinfo-tpm-paid/response.json')) as {
        error: JsonObject;
      };
      const own = (await (await askGemini(simulator, 'hi', quota)).json()) as { error: JsonObject };
      expect(own.error['message']).toBe(recorded.error['message']);
      expect(own.error['details']).toContainEqual({
        '@type': 'type.googleapis.com/google.rpc.RetryInfo',
        retryDelay: '48s',
      });
    });

    it('counts and lists have the recorded fields', async () => {
      const key = { 'x-goog-api-key': 'test-key' };
      const counted = await postJson(
        `${simulator.baseUrls.gemini}/models/gemini-3.5-flash:countTokens`,
        { contents: [{ parts: [{ text: 'What is the capital of France?' }] }] },
        key,
      );
      expect(await counted.json()).toEqual(JSON.parse(recording('gemini/count-tokens/response.json')));
      const listed = await fetch(`${simulator.baseUrls.gemini}/models?pageSize=3`, { headers: key });
      const recorded = shapeOf(JSON.parse(recording('gemini/models-list/response.json')));
      expect(comparable(shapeOf(await listed.json()))).toEqual(comparable(recorded));
    });
  },
);
