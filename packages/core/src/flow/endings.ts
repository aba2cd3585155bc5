import type { VibeError } from '../errors/vibe-error.js';
import type { ProviderResult } from '../spec/event.js';

/** How an answer, or an attempt to get one, ended. */
export type Outcome =
  | { readonly status: 'final'; readonly result: ProviderResult }
  /** `unread`: the caller had not asked for the next event, so that it says nothing about the provider. */
  | { readonly status: 'error'; readonly error: VibeError; readonly unread?: boolean }
  | { readonly status: 'cancelled'; readonly error?: VibeError };

export type Release = (outcome: Outcome) => void | Promise<void>;

export function outcomeOf(error: VibeError): Outcome {
  return { status: error.code === 'cancelled' ? 'cancelled' : 'error', error };
}

/**
 * What has to happen at the end of a call, whatever ends it. A stage that takes something (a hold, a permit, the turn of a
 * probe) puts here how it is given back, and only then goes on. A stack: inner stages come first. A stage that tries again
 * notes the height before, and unwinds to it after a failure.
 */
export class Endings {
  readonly #releases: Release[] = [];

  get height(): number {
    return this.#releases.length;
  }

  push(release: Release): void {
    this.#releases.push(release);
  }

  /** Runs what was put above `height`, each exactly once. One that throws does not keep the others from their turn. */
  async unwind(height: number, outcome: Outcome): Promise<void> {
    let failure: { readonly thrown: unknown } | null = null;
    while (this.#releases.length > height) {
      try {
        const releasing = this.#releases.pop()?.(outcome);
        if (releasing !== undefined) await releasing;
      } catch (thrown) {
        failure ??= { thrown };
      }
    }
    if (failure !== null) throw failure.thrown;
  }
}
