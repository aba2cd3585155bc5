/** The wire this provider was written for, against the simulator and, where they are, the recordings. */
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
import { z } from 'zod';
import { geminiShape } from './index.js';
import { recordings, testKey } from './testing.js';
import { geminiAnswer, uploadAnswer } from './wire.js';

const snapshot: DriftSnapshot = geminiShape;
const simulator = await startSimulator();
const caching = await startSimulator({ cachedShare: 0.5 });
afterAll(async () => void (await Promise.all([simulator.close(), caching.close()])));

async function ask(
  model: string,
  parts: readonly object[],
  more: object = {},
  base = simulator.baseUrls.gemini,
  method = 'streamGenerateContent?alt=sse',
) {
  const response = await fetch(`${base}/models/${model}:${method}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': testKey, 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ role: 'user', parts }], ...more }),
  });
  return documentsOf(await response.text());
}

/** The JSON documents in a body, streamed or not. */
function documentsOf(body: string): unknown[] {
  if (!body.startsWith('data:')) {
    const json: unknown = JSON.parse(body);
    return Array.isArray(json) ? json : [json];
  }
  return body.split(/\r?\n/).flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
}

const shown = { generationConfig: { thinkingConfig: { includeThoughts: true } } };
const unthinking = { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } };
const spoken = { generationConfig: { responseModalities: ['AUDIO'] } };
const tools = {
  tools: [
    {
      functionDeclarations: [
        { name: 'weather', parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } } } },
      ],
    },
  ],
};

async function upload(): Promise<{ uploaded: unknown; seen: unknown }> {
  const headers = { 'x-goog-api-key': testKey };
  const started = await fetch(`${simulator.url}/upload/v1beta/files`, {
    method: 'POST',
    headers: { ...headers, 'x-goog-upload-command': 'start', 'x-goog-upload-header-content-type': 'text/plain' },
  });
  const sent = { ...headers, 'x-goog-upload-offset': '0', 'x-goog-upload-command': 'upload, finalize' };
  const address = started.headers.get('x-goog-upload-url') ?? '';
  const uploaded = (await (await fetch(address, { method: 'POST', headers: sent, body: 'x' })).json()) as {
    file: { name: string };
  };
  const seen: unknown = await (await fetch(`${simulator.baseUrls.gemini}/${uploaded.file.name}`, { headers })).json();
  return { uploaded, seen };
}

async function refused(fault: object): Promise<unknown[]> {
  simulator.script({ fault: { kind: 'status', ...fault }, times: 1 });
  return ask('gemini-2.5-flash', [{ text: 'Hi' }]);
}

/** Every kind of answer, as the simulator gives it. */
async function fixtures(): Promise<DriftTraffic[]> {
  const { uploaded, seen } = await upload();
  const predict = { instances: [{ prompt: 'filter: 1' }], parameters: { sampleCount: 2 } };
  const imagen = await ask(
    'imagen-4.0-generate-001',
    [],
    { ...predict, contents: undefined },
    simulator.baseUrls.gemini,
    'predict',
  );
  const made: Record<string, unknown[]> = {
    chat: await ask('gemini-2.5-flash', [{ text: 'Why?' }]),
    plain: await ask('gemini-2.5-flash', [{ text: 'Why?' }], unthinking),
    thoughts: await ask('gemini-3.5-flash', [{ text: 'Why?' }], shown),
    cached: await ask('gemini-2.5-flash', [{ text: 'Why is the sky blue?' }], {}, caching.baseUrls.gemini),
    tools: await ask('gemini-3.5-flash', [{ text: 'Is it raining?' }], tools),
    blocked: await ask('gemini-2.5-flash', [{ text: 'block: SAFETY' }]),
    picture: await ask('gemini-2.5-flash-image', [{ text: 'A cat' }]),
    speech: await ask('gemini-3.1-flash-tts-preview', [{ text: 'Hello' }], spoken),
    imagen,
    upload: [uploaded],
    file: [seen],
    error: await refused({ status: 429, retryAfterMs: 2_000 }),
    notFound: await ask('no-such-model', [{ text: 'Why?' }]),
    refusal: await refused({ reason: 'api_key_invalid', status: 400 }),
  };
  return Object.entries(made).map(([kind, documents]) => ({ kind, documents }));
}

const traffic = await fixtures();

describe('the shape of Gemini', () => {
  it('is the one of the simulator', () => {
    const report = checkDrift(snapshot, traffic);
    expect(describeDrift({ ...report, findings: report.findings.filter(({ level }) => level !== 'info') })).toBe('');
    expect(traffic.map(({ kind }) => kind)).toEqual(Object.keys(snapshot.kinds));
  });

  it('has every field that is read', () => {
    const read = new Set(Object.values(snapshot.kinds).flatMap(({ reads }) => Object.keys(reads)));
    const expected = [...pathsOf(z.toJSONSchema(geminiAnswer)), ...pathsOf(z.toJSONSchema(uploadAnswer))];
    const missing = expected.filter((path) => !read.has(path) && !elsewhere.test(path));
    expect(missing).toEqual([]);
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

/** Read when they come, but of no kind: messages instead of reasons, Vertex only, tools of Google's own, files that could not be processed. */
const elsewhere =
  /blockReasonMessage|toolUsePrompt|serviceTier|trafficType|partialArgs|willContinue|fileData|functionResponse|^error$|file\.error/;

/** The paths of a JSON Schema, as a snapshot writes them. */
function pathsOf(schema: unknown, path = ''): string[] {
  const { properties, items, anyOf } = schema as {
    properties?: Record<string, unknown>;
    items?: unknown;
    anyOf?: unknown[];
  };
  const here = path === '' || path.endsWith('[]') ? [] : [path];
  const inner = Object.entries(properties ?? {}).flatMap(([key, each]) =>
    pathsOf(each, path === '' ? key : `${path}.${key}`),
  );
  const listed = items === undefined ? [] : pathsOf(items, `${path}[]`);
  return [...new Set([...here, ...inner, ...listed, ...(anyOf ?? []).flatMap((each) => pathsOf(each, path))])];
}

const recorded = recordings('gemini');
if (recorded.length === 0) console.warn('gemini drift: recordings skipped, the folder is missing (VIBE_RECORDINGS)');

describe.skipIf(recorded.length === 0)('the recordings', () => {
  const of = (...names: readonly string[]): unknown[] =>
    recorded.filter(({ name }) => names.includes(name)).flatMap(({ body }) => documentsOf(body.toString('utf8')));

  const real: readonly DriftTraffic[] = [
    { kind: 'chat', documents: of('text-basic', 'stream-text-long') },
    { kind: 'plain', documents: of('thinking-budget-zero') },
    { kind: 'thoughts', documents: of('thinking-stream', 'thinking-nonstream') },
    { kind: 'cached', documents: of('cache-2-use') },
    { kind: 'tools', documents: of('tool-call-1-request', 'thinking-gemini3-tool-stream') },
    { kind: 'blocked', documents: of('paste-blocked-prompt-prohibited-content') },
    {
      kind: 'picture',
      documents: of('image-gen-2-5-flash-image', 'image-gen-flash-lite-image', 'image-gen-3-pro-image'),
    },
    { kind: 'speech', documents: of('tts-single-speaker') },
    { kind: 'imagen', documents: of('imagen-predict', 'imagen-predict-all-blocked') },
    { kind: 'upload', documents: of('file-upload-2-finalize') },
    { kind: 'error', documents: of('error-429-retryinfo-tpm-paid') },
    { kind: 'notFound', documents: of('error-404-model') },
    { kind: 'refusal', documents: of('error-400-invalid-key') },
  ];

  it.each(real)('have the shape: $kind', (each) => {
    const { findings } = checkDrift(snapshot, [each]);
    expect(findings.filter(({ level }) => level === 'failure')).toEqual([]);
  });

  it.each(real)('know every field of the simulator: $kind', ({ kind, documents }) => {
    const simulated = shapeOf(
      traffic.find((each) => each.kind === kind)?.documents ?? [],
      snapshot.kinds[kind]?.opaque,
    );
    const reads = Object.fromEntries([...simulated].map(([path, types]) => [path, [...types].join('|')]));
    const invented = checkDrift({ provider: 'simulator', kinds: { [kind]: { reads } } }, [
      { kind, documents: [...documents, ...of('text-basic')] },
    ]);
    expect(invented.findings.filter(({ level, path }) => level === 'failure' && path !== '')).toEqual([]);
  });
});
