import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulator } from '@vibe/simulator';
import { type Chat, type ChatOptions, startChat } from '../server/start.js';
import { simulatedServices } from '../services.js';

/** The app with simulators that answer as fast as they can, and a ledger of its own. */
export interface RunningChat extends Chat {
  readonly ledgerPath: string;
  simulator(region: 'cn' | 'sg' | 'global'): Simulator;
}

/** Answers are held back in tests, on machines that may be slow: no call may end because of that. */
const timeout = { firstChunkMs: 3_600_000, chunkMs: 3_600_000, idleMs: 3_600_000, totalMs: 3_600_000 };

/** The folder with `public` and the built page. */
const root = new URL('../../', import.meta.url);

export async function runChat(options: Partial<ChatOptions> = {}): Promise<RunningChat> {
  const folder = mkdtempSync(join(tmpdir(), 'vibe-chat-'));
  const services = options.services ?? (await simulatedServices());
  const ledgerPath = join(folder, 'chat.db');
  const limits = { dayLimitUsd: 1, conversationLimitUsd: 1, limits: {}, timeout };
  const chat = await startChat({ services, ledgerPath, ...limits, port: 0, root, ...options });
  return {
    url: chat.url,
    ledgerPath,
    simulator(region) {
      const simulator = services.simulators.get(region);
      if (simulator === undefined) throw new Error(`There is no simulator for ${region}`);
      return simulator;
    },
    async close() {
      await chat.close();
      await services.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
