import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import type { Limits, TimeoutOptions } from '@vibe/core';
import { VibeError } from '@vibe/core';
import type { Services } from '../services.js';
import { createChatVibe } from '../vibe.js';
import { chatApp } from './app.js';
import { Calls } from './calls.js';
import { Faults } from './faults.js';
import { LiveBoard } from './live.js';

/** Nobody else on the network can reach it. */
const loopback = '127.0.0.1';

export interface ChatOptions {
  readonly services: Services;
  readonly ledgerPath: string;
  readonly dayLimitUsd: number;
  readonly conversationLimitUsd: number;
  /** 0: a free one. */
  readonly port: number;
  /** Default: what the services ask for. */
  readonly limits?: Readonly<Record<string, Limits>>;
  /** Default 10,000. */
  readonly cooldownMs?: number;
  /** Default: the SDK's own. */
  readonly timeout?: TimeoutOptions;
  /** The folder of the app. */
  readonly root: URL;
}

export interface Chat {
  readonly url: string;
  /** Ends what runs, settles it, and frees the port. The services are closed by who made them. */
  close(): Promise<void>;
}

/** The server and its client. Throws `config` when it cannot listen there, `ledger_unavailable` when the file cannot be used. */
export async function startChat(options: ChatOptions): Promise<Chat> {
  const { providers, simulators } = options.services;
  const limits = options.limits ?? options.services.limits;
  const simulated = simulators.size > 0;
  const calls = new Calls();
  const vibe = createChatVibe({
    ...options,
    providers,
    limits,
    cooldownMs: options.cooldownMs ?? 10_000,
    // With simulators the breaker is what is to be seen: probes would find an outage before it.
    probes: !simulated,
    middleware: [calls.middleware],
  });
  calls.listenTo(vibe);
  const faults = new Faults(simulators);
  const live = new LiveBoard(vibe, faults, options.conversationLimitUsd);
  const app = chatApp({ vibe, calls, live, faults, simulated, limits, root: options.root });
  const server = createAdaptorServer({ fetch: app.fetch });
  try {
    // A ledger that cannot be used is told here, and not by every page.
    await vibe.budgets();
    await listen(server, options.port);
  } catch (error) {
    await vibe.close();
    throw error;
  }
  const close = async () => {
    server.close();
    live.close();
    await vibe.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  };
  return { url: `http://${loopback}:${(server.address() as AddressInfo).port}`, close };
}

async function listen(server: ServerType, port: number): Promise<void> {
  try {
    server.listen(port, loopback);
    await once(server, 'listening');
  } catch (cause) {
    throw new VibeError('config', `The app cannot listen on ${loopback}:${port}.`, {
      cause,
      next: ['Set VIBE_CHAT_PORT to another port, or to 0 for a free one.'],
    });
  }
}
