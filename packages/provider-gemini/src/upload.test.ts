/** Uploads against the simulator, and against a server that answers what Google should not. */
import { type Simulator, startSimulator } from '@vibe/simulator';
import { failureOf, type Loopback, listen } from '@vibe/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uploadFile } from './index.js';
import { testKey } from './testing.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
const opened: Loopback[] = [];
afterEach(async () => {
  simulator.reset();
  for (const server of opened.splice(0)) await server.close();
});
afterAll(() => simulator.close());

const data = Buffer.from('some bytes');
const place = () => ({ apiKey: testKey, baseUrl: simulator.baseUrls.gemini, pollMs: 1 });

function upload(more: Partial<Parameters<typeof uploadFile>[0]> = {}) {
  return uploadFile({ data, mediaType: 'application/pdf', ...place(), ...more });
}

describe('an upload', () => {
  it('gives a reference that a message can carry', async () => {
    expect(await upload({ displayName: 'a.pdf' })).toEqual({
      type: 'file_ref',
      uri: expect.stringMatching(/\/v1beta\/files\/\w+$/),
      mediaType: 'application/pdf',
      providerData: { name: expect.stringMatching(/^files\//), sizeBytes: 10, expiresAt: expect.any(String) },
    });
    const [start, finish] = simulator.requests();
    expect(start?.body).toEqual({ file: { display_name: 'a.pdf' } });
    expect(start?.path).toBe('/upload/v1beta/files');
    expect(finish?.bodyBytes).toBe(10);
    expect(JSON.stringify(simulator.requests().map(({ path }) => path))).not.toContain(testKey);
  });

  it('waits until the file has been processed', async () => {
    await upload({ mediaType: 'video/mp4', displayName: 'processing: 3' });
    expect(simulator.stats().byEndpoint).toEqual({ 'gemini.upload': 2, 'gemini.file': 3 });
  });

  it('looks again when a look fails for the moment', async () => {
    simulator.script({ match: { endpoint: 'gemini.file' }, fault: { kind: 'status', status: 503 }, times: 1 });
    await upload({ displayName: 'processing: 1' });
    expect(simulator.stats().byStatus['503']).toBe(1);
  });

  it('goes in pieces when it is large', async () => {
    const { providerData } = await upload({ data: Buffer.alloc(17 * 1024 * 1024), mediaType: 'audio/wav' });
    expect(providerData.sizeBytes).toBe(17 * 1024 * 1024);
    expect(simulator.stats().byEndpoint['gemini.upload']).toBe(4);
  });

  it.each([
    ['a file that Google cannot process', { displayName: 'failing' }, 'invalid_request'],
    ['a file that fails while it is processed', { displayName: 'processing: 2, failing' }, 'invalid_request'],
    ['a key that Google refuses', { apiKey: 'wrong-key' }, 'auth'],
    ['no bytes', { data: new Uint8Array() }, 'invalid_request'],
    ['a media type that is none', { mediaType: 'pdf' }, 'invalid_request'],
    ['an address that is none', { baseUrl: 'google' }, 'config'],
    ['a timeout that no timer keeps', { timeoutMs: Number.POSITIVE_INFINITY }, 'invalid_request'],
    ['a wait that is none', { pollMs: Number.NaN }, 'invalid_request'],
    ['a file that takes too long', { displayName: 'processing: 9999', timeoutMs: 50 }, 'timeout'],
  ])('fails for %s', async (_name, options, code) => {
    const error = await failureOf(upload(options));
    expect(error.code).toBe(code);
    expect(JSON.stringify([error, error.message])).not.toContain(testKey);
  });

  it('ends with the signal of its caller, before and during the wait', async () => {
    expect(await failureOf(upload({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'cancelled' });
    const abort = new AbortController();
    const waiting = failureOf(upload({ displayName: 'processing: 9999', signal: abort.signal }));
    await simulator.waitFor(({ byEndpoint }) => (byEndpoint['gemini.file'] ?? 0) > 0);
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'cancelled' });
  });

  it('fails with the error of the service', async () => {
    simulator.script({ fault: { kind: 'status', status: 429, retryAfterMs: 1_500 } });
    expect(await failureOf(upload())).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 1_500 });
  });
});

describe('an answer to an upload', () => {
  async function against(uploadUrl: (own: string) => string | undefined, file: object = {}): Promise<Loopback> {
    const server = await listen((response) => {
      const isStart = server.received.length === 1;
      const address = uploadUrl(server.url);
      if (isStart && address !== undefined) response.setHeader('x-goog-upload-url', address);
      response.end(isStart ? '' : JSON.stringify({ file }));
    });
    opened.push(server);
    return server;
  }

  it.each([
    ['another host', () => 'https://files.evil.example/upload?upload_id=1'],
    ['another port', (own: string) => own.replace(/:\d+$/, ':1')],
    ['no address', () => undefined],
    ['something else', () => 'upload'],
  ])('that names %s is refused, and nothing is sent there', async (_name, url) => {
    const server = await against(url);
    expect(await failureOf(upload({ baseUrl: `${server.url}/v1beta` }))).toMatchObject({ code: 'invalid_response' });
    expect(server.received).toHaveLength(1);
  });

  it('of 200 may be an error', async () => {
    const refused = { error: { code: 403, message: 'Storage is full.', status: 'PERMISSION_DENIED' } };
    const server = await listen((response) => {
      const isStart = server.received.length === 1;
      if (isStart) response.setHeader('x-goog-upload-url', `${server.url}/up?upload_id=1`);
      response.end(isStart ? '' : JSON.stringify(refused));
    });
    opened.push(server);
    const error = await failureOf(upload({ baseUrl: `${server.url}/v1beta` }));
    expect(error).toMatchObject({ code: 'auth', message: expect.stringContaining('Storage is full.') });
  });

  it.each([
    ['without a uri', { name: 'files/1' }, '$.file.uri'],
    ['with a wrong type', { name: 7, uri: 'x' }, '$.file.name'],
    ['being processed without a name', { uri: 'x', state: 'PROCESSING' }, '$.file.name'],
  ])('with a file %s is named by its path', async (_name, file, path) => {
    const server = await against((own) => `${own}/up?upload_id=1`, file);
    const error = await failureOf(upload({ baseUrl: `${server.url}/v1beta` }));
    expect(error).toMatchObject({ code: 'invalid_response', details: { path } });
  });
});
