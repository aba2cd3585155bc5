import { describe, expect, it, onTestFinished } from 'vitest';
import { says, scripted } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';

function setUp() {
  const clock = { aheadMs: 0 };
  const isUp = { near: true, far: true };
  const provider = scripted(says('ok'), {
    endpoints: [
      { id: 'near', region: 'cn' },
      { id: 'far', region: 'sg' },
    ],
  });
  const ping = async ({ id }: { id: string }) => ({ ok: isUp[id as keyof typeof isUp], latencyMs: 5 });
  const vibe = createVibe(
    { plugins: [{ ...provider, ping }], router: { probeIntervalMs: 20 } },
    { now: () => Date.now() + clock.aheadMs },
  );
  onTestFinished(() => vibe.close());
  const found = (state: 'reachable' | 'unreachable') =>
    new Promise<void>((resolve) => {
      vibe.on('reachability', ({ endpoint, to }) => {
        if (endpoint === 'near' && to === state) resolve();
      });
    });
  return { clock, isUp, found, ask: () => vibe.generate({ model: 'acme@near/acme-1', prompt: 'Hi' }) };
}

describe('an endpoint that could not be reached', () => {
  it('gets calls and probes again when the clock was set back, and not only when it has come to the old time', async () => {
    const { clock, isUp, found, ask } = setUp();
    isUp.near = false;
    const lost = found('unreachable');
    await ask();
    await lost;
    await expect(ask()).rejects.toThrow('is not reachable');
    clock.aheadMs -= 3_600_000;
    isUp.near = true;
    const back = found('reachable');
    expect((await ask()).text).toBe('ok');
    await back;
  });
});
