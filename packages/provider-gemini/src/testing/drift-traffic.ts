/** For the tests of drift: an answer of every kind, as the simulator gives it. */
import type { DriftTraffic } from '@vibe/contract-tests';
import { startSimulator } from '@vibe/simulator';
import { testKey } from '../testing.js';

const simulator = await startSimulator();
const caching = await startSimulator({ cachedShare: 0.5 });

export async function closeSimulators(): Promise<void> {
  await Promise.all([simulator.close(), caching.close()]);
}

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
export function documentsOf(body: string): unknown[] {
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

export const traffic = await fixtures();
