import { setTimeout as timeout } from 'node:timers/promises';
import type { World } from './session.js';

/** Waits, as the world does it; ends early when the command is told to stop. */
export async function sleep(world: World, ms: number): Promise<void> {
  const { signal } = world;
  if (world.sleep !== undefined) return world.sleep(ms, signal);
  await timeout(ms, undefined, { signal }).catch(() => undefined);
}
