import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readRule } from './faults/read-rule.js';
import type { Rule } from './faults/rule.js';
import { Rulebook } from './faults/rulebook.js';
import { Gates } from './http/gates.js';
import { LOOPBACK, readSettings, type SimulatorOptions } from './options.js';
import { makeServe, type ServerParts } from './serve.js';
import { Shelf } from './shelf.js';
import { SimulatorError } from './simulator-error.js';
import { HintWatch } from './watch/hint-watch.js';
import { Journal, type RecordedRequest } from './watch/journal.js';
import { type SimulatorStats, StatsBoard } from './watch/stats.js';
import { waitForStats } from './watch/wait-for.js';

/** A running simulator. */
export interface Simulator extends AsyncDisposable {
  /** Without a slash at the end: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Base URLs for providers, as their options want them. */
  readonly baseUrls: {
    readonly gemini: string;
    readonly qwen: string;
    readonly qwenNative: string;
    readonly openai: string;
  };
  /** Adds a rule behind the others and returns how to withdraw it. Throws a SimulatorError `invalid_rule`. */
  script(rule: Rule): () => void;
  /** Lets go on what the fault `hold` holds back of the requests that have arrived; how many they were. */
  release(): number;
  /** Forgets rules, counters, requests and retry hints; what runs goes on, and what is held is released. */
  reset(): void;
  stats(): SimulatorStats;
  /** The last requests to provider endpoints, oldest first; all that are kept by default. */
  requests(count?: number): RecordedRequest[];
  /**
   * Resolves with the first statistics that satisfy the predicate: tests wait for what happens, not for time. Rejects with
   * the signal's reason, or with a SimulatorError `closed`.
   */
  waitFor(predicate: (stats: SimulatorStats) => boolean, signal?: AbortSignal): Promise<SimulatorStats>;
  /** Ends all connections and frees the port. Idempotent. */
  close(): Promise<void>;
}

/** Longer than any pool of a client keeps an idle connection: the client closes first, and never meets a closed one. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Starts a server on 127.0.0.1 that speaks the wires of Gemini, DashScope (compatible mode) and generic OpenAI-compatible
 * services. Throws a SimulatorError: `invalid_option`, or `port_unavailable` when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = readSettings(options);
  const board = new StatsBoard(settings.region);
  const journal = new Journal(settings.keepRequests);
  const rulebook = new Rulebook(settings.seed, () => performance.now());
  const hints = new HintWatch();
  const gates = new Gates();
  const reset = () => {
    rulebook.clear();
    hints.clear();
    journal.clear();
    board.reset();
    gates.release();
  };
  const release = () => gates.release();
  const parts: ServerParts = { settings, board, journal, rulebook, hints, gates, shelf: new Shelf(), reset, release };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, makeServe(parts));
  server.on('connection', (socket) => {
    board.connected();
    socket.once('close', () => board.disconnected());
  });
  const port = await listen(server, settings.port);
  const url = `http://${LOOPBACK}:${port}`;
  const closing = new AbortController();
  const close = closeOnce(server, closing);
  return {
    url,
    port,
    baseUrls: {
      gemini: `${url}/v1beta`,
      qwen: `${url}/compatible-mode/v1`,
      qwenNative: `${url}/api/v1`,
      openai: `${url}/v1`,
    },
    script: (rule) => rulebook.add(readRule(rule)),
    release,
    reset,
    stats: () => board.snapshot(),
    requests: (count) => journal.last(count),
    waitFor: (predicate, signal) => waitForStats(board, closing.signal, predicate, signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new SimulatorError(
      'port_unavailable',
      `The simulator cannot listen on ${LOOPBACK}:${port}: choose another port, or none for a free one.`,
      error,
    );
  }
  return (server.address() as AddressInfo).port;
}

function closeOnce(server: Server, closing: AbortController): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      closing.abort();
    });
    return closed;
  };
}
