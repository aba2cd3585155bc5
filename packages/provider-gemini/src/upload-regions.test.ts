/** Uploads are no calls: what leaves for which region is counted at two simulators. */
import { createVibe } from '@vibe/core';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { failureOf, listen } from '@vibe/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gemini, uploadFile } from './index.js';
import { testKey } from './testing.js';

async function simulated(region: string): Promise<Simulator> {
  const simulator = await startSimulator({ region });
  onTestFinished(() => simulator.close());
  return simulator;
}

async function world() {
  const [eu, us] = [await simulated('eu'), await simulated('us')];
  const file = { data: Buffer.alloc(9 * 1024 * 1024), mediaType: 'audio/wav', displayName: 'processing: 2' };
  const to = (region: string, { baseUrls }: Simulator) => ({ region, baseUrl: baseUrls.gemini, apiKey: testKey });
  return { eu, us, file: { ...file, pollMs: 1 }, to };
}

const total = (simulator: Simulator) => simulator.stats().attempts.total;

describe('an upload that is bound to regions', () => {
  it('sends every request to the place that is allowed: its start, its pieces and the looks at it', async () => {
    const { eu, us, file, to } = await world();
    const audio = await uploadFile({ ...file, ...to('eu', eu), regions: ['eu'] });
    expect(eu.stats().byEndpoint).toEqual({ 'gemini.upload': 3, 'gemini.file': 2 });
    expect(total(us)).toBe(0);
    const place = (id: string, simulator: Simulator) => ({ id, ...to(id, simulator) });
    const vibe = createVibe({ plugins: [gemini({ endpoints: [place('us', us), place('eu', eu)] })] });
    onTestFinished(() => vibe.close());
    await vibe.transcribe({ model: 'gemini-2.5-flash', audio, regions: ['eu'] });
    expect(eu.stats().byEndpoint).toMatchObject({ 'gemini.generate': 1 });
    expect(total(us)).toBe(0);
  });

  it.each([
    ['another region', 'us', ['eu']],
    ['Google, which has no regions', undefined, ['eu', 'cn']],
    ['anywhere, where none is allowed', 'us', []],
  ])('sends nothing to %s', async (_name, region, regions) => {
    const { us, file, to } = await world();
    const { region: _, ...place } = to('us', us);
    const error = await failureOf(uploadFile({ ...file, ...place, ...(region !== undefined && { region }), regions }));
    expect(error).toMatchObject({ code: 'no_route', details: { region: region ?? 'global', regions } });
    expect(total(us)).toBe(0);
  });

  it('sends no byte to another region that the allowed one points to', async () => {
    const { us, file } = await world();
    const pointing = await listen((response) => {
      response.setHeader('x-goog-upload-url', `${us.url}/upload/v1beta/files?upload_id=1`);
      response.end();
    });
    onTestFinished(() => pointing.close());
    const place = { region: 'eu', baseUrl: `${pointing.url}/v1beta`, apiKey: testKey };
    expect(await failureOf(uploadFile({ ...file, ...place, regions: ['eu'] }))).toMatchObject({
      code: 'invalid_response',
    });
    expect([pointing.received.length, total(us)]).toEqual([1, 0]);
  });
});
