/** The wire that chat completions are read by, against the simulator and, where they are, recordings of many services. */
import {
  type Breakage,
  breakField,
  checkDrift,
  type DriftSnapshot,
  type DriftTraffic,
  describeDrift,
  shapeOf,
} from '@vibe/contract-tests';
import { startSimulator } from '@vibe/simulator';
import { afterAll, describe, expect, it } from 'vitest';
import { recordings, testKey } from '../testing.js';
import { chatShape } from './shape.js';

const snapshot: DriftSnapshot = chatShape;
const simulator = await startSimulator();
afterAll(() => simulator.close());

function documentsOf(body: string): unknown[] {
  if (!/^(data|:)/m.test(body)) return [JSON.parse(body)];
  const lines = body.split(/\r?\n/).filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]');
  return lines.map((line) => JSON.parse(line.slice(6)));
}

async function ask(more: object, key = testKey): Promise<unknown[]> {
  const response = await fetch(`${simulator.baseUrls.openai}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'qwen-plus', messages: [{ role: 'user', content: 'Is it raining?' }], ...more }),
  });
  return documentsOf(await response.text());
}

const tools = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];
const streamed = { stream: true, stream_options: { include_usage: true } };
const traffic: readonly DriftTraffic[] = [
  { kind: 'chat', documents: await ask({}) },
  { kind: 'stream', documents: await ask(streamed) },
  { kind: 'tools', documents: await ask({ tools }) },
  { kind: 'toolStream', documents: await ask({ tools, ...streamed }) },
  { kind: 'error', documents: await ask({}, 'wrong-key') },
];

describe('the shape of chat completions', () => {
  it('is the one of the simulator', () => {
    const report = checkDrift(snapshot, traffic);
    expect(describeDrift({ ...report, findings: report.findings.filter(({ level }) => level !== 'info') })).toBe('');
    expect(traffic.map(({ kind }) => kind)).toEqual(Object.keys(snapshot.kinds));
  });

  describe.each(traffic)('notices in $kind', ({ kind, documents }) => {
    const paths = Object.keys(snapshot.kinds[kind]?.reads ?? {});
    const cases = paths.flatMap((path) =>
      (['removed', 'renamed', 'retyped'] as const).map((breakage): [string, Breakage] => [path, breakage]),
    );
    it.each(cases)('%s %s', (path, breakage) => {
      const { ok, findings } = checkDrift(snapshot, [{ kind, documents: breakField(documents, path, breakage) }]);
      expect(ok).toBe(false);
      expect(findings.filter(({ level }) => level === 'failure').map((finding) => finding.path)).toContain(path);
    });
  });
});

const recorded = recordings('openai-compat');
if (recorded.length === 0)
  console.warn('openai-compat drift: recordings skipped, the folder is missing (VIBE_RECORDINGS)');

describe.skipIf(recorded.length === 0)('recordings of services that keep to the wire', () => {
  it.each([
    ['stream', 'openai-stream-usage'],
    ['stream', 'deepseek-stream-thinking'],
    ['toolStream', 'groq-tool-call-xgroq-usage'],
    ['toolStream', 'xai-tool-call-late-usage'],
  ])('%s: %s', (kind, name) => {
    const body = recorded.find((each) => each.name === name)?.body.toString('utf8') ?? '';
    const { findings } = checkDrift(snapshot, [{ kind, documents: documentsOf(body) }]);
    expect(findings.filter(({ level }) => level === 'failure')).toEqual([]);
  });

  it.each([
    ['chat', ['cerebras-plain', 'openai-stream-usage']],
    ['stream', ['openai-stream-usage']],
    ['toolStream', ['xai-tool-call-late-usage', 'openai-stream-usage']],
  ])('know every field of the simulator: %s', (kind, names) => {
    const simulated = shapeOf(traffic.find((each) => each.kind === kind)?.documents ?? []);
    const bodies = recorded
      .filter(({ name }) => names.includes(name))
      .map(({ body }) => body.toString('utf8'))
      // OpenAI itself was recorded streaming: the fields of its deltas are those of its messages.
      .map((body) => (kind === 'chat' ? body.replaceAll('"delta":', '"message":') : body));
    const known = shapeOf(bodies.flatMap(documentsOf));
    const invented = [...simulated].filter(([path, types]) => [...types].some((type) => !known.get(path)?.has(type)));
    expect(invented).toEqual([]);
  });
});
