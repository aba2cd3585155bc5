import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { Explorer } from './exploration.js';

const draws = (explorer: Explorer, calls: number) => Array.from({ length: calls }, () => explorer.ofNextCall());

describe('exploration', () => {
  it('takes no more than its share of any number of calls, and all of it in the long run', () => {
    const shares = fc.double({ min: 0.001, max: 0.2, noNaN: true });
    fc.assert(
      fc.property(
        shares,
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 1, max: 5_000 }),
        (share, seed, calls) => {
          const explored = draws(new Explorer({ share, seed }), calls).filter((draw) => draw !== null);
          expect(explored.length).toBeLessThanOrEqual(Math.ceil(share * calls));
          expect(explored.length).toBeGreaterThanOrEqual(Math.floor(share * calls) - 1);
          for (const draw of explored) expect(draw! >= 0 && draw! < 1).toBe(true);
        },
      ),
    );
  });

  it('is the same for the same seed, and another one for another', () => {
    const of = (seed: number) => draws(new Explorer({ share: 0.1, seed }), 200);
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });

  it('with a share of 0 never happens', () => {
    expect(draws(new Explorer({ share: 0 }), 100).every((draw) => draw === null)).toBe(true);
  });

  const models = [{ id: 'near-cheap' }, { id: 'also-cheap', tier: 'economy' }, { id: 'dear' }] as const;
  const explore = async (exploration?: { share: number; seed?: number; maxCostFactor?: number }) => {
    const provider = scripted(says('x'), { models });
    const vibe = createVibe({
      plugins: [provider, testPrices],
      router: { policy: 'quality', ...(exploration === undefined ? {} : { exploration }) },
    });
    const told: Record<string, number>[] = [];
    vibe.on('plan', ({ candidates }) => told.push(candidates[0]!.scoreParts));
    for (let call = 0; call < 50; call++) await vibe.generate({ model: 'acme/auto', prompt: 'Hi' });
    const asked = provider.calls.map(({ model }) => model.id);
    return { asked, told: told.filter((parts) => 'exploration' in parts).length };
  };

  it('does not happen unless it is configured', async () => {
    const { asked, told } = await explore();
    expect(new Set(asked)).toEqual(new Set(['near-cheap']));
    expect(told).toBe(0);
  });

  it('asks others now and then, says so, and spares those that are much dearer', async () => {
    const { asked, told } = await explore({ share: 0.2 });
    expect(told).toBe(10);
    expect(asked.filter((model) => model === 'also-cheap')).toHaveLength(10);
    expect((await explore({ share: 0.2, maxCostFactor: 100 })).asked).toContain('dear');
  });
});
