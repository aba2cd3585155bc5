import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { VibeError } from '@vibe/core';
import type { WorkerSettings } from '../protocol.js';

/** How the parts of one worker thread's life reach its user. */
export interface WorkerEvents<Message> {
  message(message: Message): void;
  /** The thread has ended; without `error` because it was asked to. Nothing follows. */
  ended(error: VibeError | null): void;
}

/**
 * A worker thread that keeps the process alive only while something is pending. It installs no handler outside of
 * itself and starts in its constructor.
 */
export class WorkerLink<Message> {
  readonly #worker: Worker;
  #busy = false;
  #closing = false;
  #error: unknown = null;

  constructor(url: URL, settings: WorkerSettings, events: WorkerEvents<Message>) {
    assertLoadable(url);
    // The program's own flags (loaders, an inspector) are not meant for this thread.
    this.#worker = new Worker(url, { name: 'vibe-ledger', workerData: settings, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (message: Message) => events.message(message));
    this.#worker.on('error', (error) => {
      this.#error = error;
    });
    this.#worker.once('exit', (code) => events.ended(this.#closing ? null : died(settings.path, this.#error, code)));
  }

  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Whether something is pending. */
  set busy(busy: boolean) {
    if (busy === this.#busy) return;
    this.#busy = busy;
    if (busy) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Sends the last message; `ended` follows. */
  close(message: unknown): void {
    this.#closing = true;
    this.busy = true;
    this.post(message);
  }
}

function assertLoadable(url: URL): void {
  if (url.protocol !== 'file:' || existsSync(fileURLToPath(url))) return;
  throw new VibeError(
    'ledger_unavailable',
    `The worker thread of @vibe/ledger-sqlite is missing (${fileURLToPath(url)}): the package was probably bundled. Keep "@vibe/ledger-sqlite" external in your bundler, so that it is loaded from node_modules.`,
    {
      next: ['Mark "@vibe/ledger-sqlite" and "better-sqlite3" as external in the bundler.'],
      details: { worker: fileURLToPath(url) },
    },
  );
}

function died(path: string, error: unknown, exitCode: number): VibeError {
  const reason = error instanceof Error ? error.message : `exit code ${exitCode}`;
  return new VibeError(
    'ledger_unavailable',
    `The thread that writes the ledger ${path} has ended (${reason}). What was under way may or may not be written; the same command can be repeated safely.`,
    {
      next: ['Repeat what failed with the same call id: the ledger counts it once.'],
      details: { path, outcome: 'unknown' },
      cause: error,
    },
  );
}
