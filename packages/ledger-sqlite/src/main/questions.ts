import { VibeError } from '@vibe/core';
import type { FromReader, Reads, WorkerSettings } from '../protocol.js';
import { needsWriter } from '../read/needs-writer.js';
import { closedError, errorOf } from './failures.js';
import { WorkerLink } from './worker-link.js';

/** Questions nobody has answered yet. Reports are for people; more than this is a mistake in a loop. */
const maxPending = 10_000;

interface Asker {
  resolve(value: unknown): void;
  reject(error: VibeError): void;
}

export interface QuestionSettings {
  readonly worker: WorkerSettings;
  readonly readerUrl: URL;
  readonly now: () => number;
}

/** The way to the reader thread, which starts with the first question. */
export class Questions {
  readonly #settings: QuestionSettings;
  readonly #askers = new Map<number, Asker>();
  #link: WorkerLink<FromReader> | null = null;
  #lastId = 0;
  #closed: Promise<void> | null = null;
  #onClosed: (() => void) | null = null;

  constructor(settings: QuestionSettings) {
    this.#settings = settings;
  }

  /** `prepare` makes the file readable when only a writer can: create or migrate it. */
  async ask<Name extends keyof Reads>(
    name: Name,
    question: Reads[Name]['question'],
    prepare: () => Promise<unknown>,
  ): Promise<Reads[Name]['answer']> {
    try {
      return await this.#post(name, question);
    } catch (error) {
      if (!VibeError.is(error) || error.details['sqliteCode'] !== needsWriter) throw error;
    }
    await prepare();
    return this.#post(name, question);
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onClosed = resolve;
      if (this.#link === null) resolve();
      else this.#link.close('close');
    });
    return this.#closed;
  }

  #post<Name extends keyof Reads>(name: Name, question: Reads[Name]['question']): Promise<Reads[Name]['answer']> {
    return new Promise((resolve, reject) => {
      const { worker, now, readerUrl } = this.#settings;
      const { path } = worker;
      if (this.#closed !== null) throw closedError(path);
      if (this.#askers.size >= maxPending) {
        throw new VibeError(
          'ledger_unavailable',
          `${maxPending} questions to the ledger ${path} are waiting. Ask less often.`,
        );
      }
      this.#link ??= new WorkerLink<FromReader>(readerUrl, worker, {
        message: (message) => this.#answered(message),
        ended: (error) => this.#ended(error),
      });
      const id = ++this.#lastId;
      this.#link.post({ id, name, nowMs: now(), question });
      this.#askers.set(id, { resolve: (value) => resolve(value as Reads[Name]['answer']), reject });
      this.#link.busy = true;
    });
  }

  #answered({ id, value, failure }: FromReader): void {
    const asker = this.#askers.get(id);
    this.#askers.delete(id);
    if (this.#link !== null && this.#closed === null) this.#link.busy = this.#askers.size > 0;
    if (failure === null) asker?.resolve(value);
    else asker?.reject(errorOf(failure));
  }

  #ended(error: VibeError | null): void {
    const askers = [...this.#askers.values()];
    this.#askers.clear();
    this.#link = null;
    for (const asker of askers) asker.reject(error ?? closedError(this.#settings.worker.path));
    this.#onClosed?.();
  }
}
