import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVibe, type Environment, type PluginInput, type Vibe, type VibeOptions } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';
import { type Simulator, type SimulatorOptions, startSimulator } from '@vibe/simulator';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { attemptRows, type Row } from './rows.js';

/** Probes of endpoints would be counted by the simulators too. */
const unprobed = { router: { probeIntervalMs: 0 } } as const;

/** A simulator, a ledger file per client, and nothing that outlives a test. */
export interface World {
  readonly simulator: Simulator;
  /** A strict client with a budget, on a ledger of its own unless `ledgerPath` says which. Draws of chance are 0: backoff takes no time. */
  client(provider: PluginInput | readonly PluginInput[], options?: ClientOptions, environment?: Environment): Client;
  /** One without a ledger file and a budget: made in no time. */
  light(provider: PluginInput | readonly PluginInput[], options?: ClientOptions, environment?: Environment): Vibe;
  /** A second server for failover; it ends with the test. */
  another(options?: SimulatorOptions): Promise<Simulator>;
  /** A path in the folder of this test. */
  path(name: string): string;
}

export type ClientOptions = Partial<Omit<VibeOptions, 'plugins'>> & { readonly ledgerPath?: string };

export interface Client extends Vibe {
  readonly ledgerPath: string;
  /** The rows of the ledger, oldest first, of one call or of all. */
  rows(callId?: string): Promise<readonly Row[]>;
}

/** Call it once at the top of a test file. Clients live for one test, or for the file: opening a ledger takes time. */
export function useWorld(simulatorOptions: SimulatorOptions = {}, clientsLive: 'test' | 'file' = 'test'): World {
  let simulator: Simulator;
  let folder: string | null = null;
  let made = 0;
  const open: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    simulator = await startSimulator(simulatorOptions);
  });
  const end = async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    folder = null;
  };
  afterEach(async () => {
    if (clientsLive === 'test') await end();
    simulator.reset();
  });
  afterAll(async () => {
    await end();
    await simulator.close();
  });
  const path = (name: string) => {
    folder ??= mkdtempSync(join(tmpdir(), 'vibe-proofs-'));
    return join(folder, name);
  };
  return {
    get simulator() {
      return simulator;
    },
    path,
    async another(options) {
      const second = await startSimulator(options);
      open.push(second);
      return second;
    },
    light(provider, options = {}, environment = {}) {
      const providers = Array.isArray(provider) ? provider : [provider];
      const vibe = createVibe(
        { ...unprobed, ...options, plugins: [...providers, pricingRegistry()] },
        { random: () => 0, ...environment },
      );
      open.push(vibe);
      return vibe;
    },
    client(provider, { ledgerPath = path(`ledger-${++made}.db`), ...options } = {}, environment = {}) {
      const providers = Array.isArray(provider) ? provider : [provider];
      const vibe = createVibe(
        {
          ...unprobed,
          mode: 'strict_budget',
          budgets: [{ window: 'day', limitUsd: 100 }],
          ...options,
          plugins: [...providers, sqliteLedger({ path: ledgerPath }), pricingRegistry()],
        },
        { random: () => 0, ...environment },
      );
      open.push(vibe);
      return withRows(vibe, ledgerPath);
    },
  };
}

function withRows(vibe: Vibe, ledgerPath: string): Client {
  const rows = async (callId?: string) => {
    await vibe.flush();
    return attemptRows(ledgerPath, callId);
  };
  return Object.assign(vibe, { ledgerPath, rows });
}
