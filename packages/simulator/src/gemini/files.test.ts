import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator.js';
import { at, postJson, readJson } from '../testing.js';

let simulator: Simulator;
const key = { 'x-goog-api-key': 'test-key' };
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

function start(displayName: string, mimeType: string, bytes: number): Promise<Response> {
  return fetch(`${simulator.url}/upload/v1beta/files`, {
    method: 'POST',
    headers: {
      ...key,
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-length': String(bytes),
      'x-goog-upload-header-content-type': mimeType,
    },
    body: JSON.stringify({ file: { display_name: displayName } }),
  });
}

function send(url: string, offset: number, command: string, body: string): Promise<Response> {
  const headers = { ...key, 'x-goog-upload-offset': String(offset), 'x-goog-upload-command': command };
  return fetch(url, { method: 'POST', headers, body });
}

async function upload(displayName: string, mimeType: string): Promise<Record<string, string>> {
  const started = await start(displayName, mimeType, 6);
  const url = started.headers.get('x-goog-upload-url') ?? '';
  const data = await readJson(await send(url, 0, 'upload, finalize', 'abcdef'));
  return data['file'] as Record<string, string>;
}

const look = async (name = ''): Promise<unknown> =>
  at(await readJson(await fetch(`${simulator.baseUrls.gemini}/${name}`, { headers: key })), 'state');

it('takes a file in one piece or in several', async () => {
  expect(await upload('a.pdf', 'application/pdf')).toMatchObject({
    sizeBytes: '6',
    mimeType: 'application/pdf',
    state: 'ACTIVE',
  });
  const url = (await start('b', 'text/plain', 6)).headers.get('x-goog-upload-url') ?? '';
  expect((await send(url, 0, 'upload', 'abc')).headers.get('x-goog-upload-status')).toBe('active');
  expect((await send(url, 0, 'upload, finalize', 'def')).status).toBe(400); // not where it stands
  const done = await send(url, 3, 'upload, finalize', 'def');
  expect(done.headers.get('x-goog-upload-status')).toBe('final');
});

it('shows a file being processed, ready, failed, and gone', async () => {
  const { name, state } = await upload('processing: 2', 'audio/wav');
  expect([state, await look(name), await look(name)]).toEqual(['PROCESSING', 'PROCESSING', 'ACTIVE']);
  expect((await upload('failing', 'audio/wav'))['state']).toBe('FAILED');
  const address = `${simulator.baseUrls.gemini}/${name}`;
  await fetch(address, { method: 'DELETE', headers: key });
  expect((await fetch(address, { headers: key })).status).toBe(404);
});

it('counts a file that a prompt names', async () => {
  const file = await upload('a.pdf', 'application/pdf');
  const parts = [{ text: 'Sum it up' }, { fileData: { mimeType: 'application/pdf', fileUri: file['uri'] } }];
  const url = `${simulator.baseUrls.gemini}/models/gemini-2.5-flash:generateContent`;
  const data = await readJson(await postJson(url, { contents: [{ parts }] }, key));
  expect(at(data, 'usageMetadata', 'promptTokensDetails', 1)).toEqual({ modality: 'DOCUMENT', tokenCount: 258 });
});

it('wants a key and is counted like any other request', async () => {
  simulator.reset();
  const refused = await fetch(`${simulator.url}/upload/v1beta/files`, { method: 'POST' });
  expect(refused.status).toBe(403);
  await upload('a', 'text/plain');
  expect(simulator.stats().byEndpoint).toEqual({ 'gemini.upload': 3 });
});
