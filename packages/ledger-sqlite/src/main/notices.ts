import type { PluginHost } from '@vibe/core';

/** One warning of a kind per this time: a ledger that is down would otherwise warn for every call. */
const quietMs = 1_000;

/** What the ledger has to tell that is no failure of a single call. */
export class Notices {
  readonly #host: PluginHost;
  readonly #toldAtMs = new Map<string, number>();
  readonly #untold = new Map<string, number>();

  constructor(host: PluginHost) {
    this.#host = host;
  }

  warn(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    const nowMs = performance.now();
    if (nowMs - (this.#toldAtMs.get(code) ?? Number.NEGATIVE_INFINITY) < quietMs) {
      this.#untold.set(code, (this.#untold.get(code) ?? 0) + 1);
      return;
    }
    const alsoHappened = this.#untold.get(code) ?? 0;
    this.#toldAtMs.set(code, nowMs);
    this.#untold.delete(code);
    this.#host.warn({ code, message, details: alsoHappened === 0 ? details : { ...details, alsoHappened } });
  }
}
