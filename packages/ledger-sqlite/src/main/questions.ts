import { VibeError } from '@vibe/core';
import type { FromReader, Reads, WorkerSettings } from '../protocol.js';
import { needsWriter } from '../read/needs-writer.js';
import { closedError, errorOf } from './failures.js';
import { WorkerLink } from './worker-link.js';

/** Questions nobody has answered yet. Reports are for people; more than this is a mistake in a loop. */
const maxPending = 10_000;

interface Asker {
  resolve(answer: { readonly value: unknown; readonly expired: boolean }): void;
  reject(error: VibeError): void;
}

interface Answered<Name extends keyof Reads> {
  readonly value: Reads[Name]['answer'];
  readonly expired: boolean;
}

/** What only a writer knows, or can do for a reader. */
export interface WriterHelp {
  /** Whether it has opened the file: one that is missing now was deleted, and is no empty ledger. */
  readonly hasOpened: boolean;
  /** Makes the file readable: creates or migrates it. */
  prepare(): Promise<unknown>;
  /** Ends expired holds. False when it cannot now: then the reader's answer counts them as held. */
  endExpired(): Promise<boolean>;
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

  async ask<Name extends keyof Reads>(
    name: Name,
    question: Reads[Name]['question'],
    writer: WriterHelp,
  ): Promise<Reads[Name]['answer']> {
    const first = await this.#postPrepared(name, question, writer);
    if (!first.expired || !(await writer.endExpired())) return first.value;
    return (await this.#post(name, question, writer)).value;
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onClosed = resolve;
      if (this.#link === null) resolve();
      else this.#link.close('close');
    });
    return this.#closed;
  }

  async #postPrepared<Name extends keyof Reads>(
    name: Name,
    question: Reads[Name]['question'],
    writer: WriterHelp,
  ): Promise<Answered<Name>> {
    try {
      return await this.#post(name, question, writer);
    } catch (error) {
      if (!VibeError.is(error) || error.details['sqliteCode'] !== needsWriter) throw error;
    }
    await writer.prepare();
    return this.#post(name, question, writer);
  }

  #post<Name extends keyof Reads>(
    name: Name,
    question: Reads[Name]['question'],
    { hasOpened: mustExist }: WriterHelp,
  ): Promise<Answered<Name>> {
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
      this.#link.post({ id, name, nowMs: now(), question, mustExist });
      this.#askers.set(id, { resolve: (answer) => resolve(answer as Answered<Name>), reject });
      this.#link.busy = true;
    });
  }

  #answered({ id, value, failure, expired }: FromReader): void {
    const asker = this.#askers.get(id);
    this.#askers.delete(id);
    if (this.#link !== null && this.#closed === null) this.#link.busy = this.#askers.size > 0;
    if (failure === null) asker?.resolve({ value, expired });
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
