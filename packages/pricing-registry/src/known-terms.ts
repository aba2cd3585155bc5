import type { PriceQuery } from '@vibe/core';
import type { Epochs } from './epochs.js';
import type { Terms } from './terms.js';

/** Names come from requests and from answers, so there may be any number of them. */
const maxKnown = 4_096;

interface Known {
  readonly provider: string;
  readonly region: string;
  readonly servedModel: string | null;
  readonly serviceTier: string | undefined;
  readonly terms: readonly Terms[];
}

/** Remembers which terms price a query: they hold for a whole epoch, whatever was used. */
export class KnownTerms {
  readonly #epochs: Epochs;
  readonly #find: (query: PriceQuery) => readonly Terms[];
  /** By epoch, then by the model that was asked for. */
  readonly #byEpoch = new Map<number, Map<string, Known[]>>();
  #size = 0;

  constructor(epochs: Epochs, find: (query: PriceQuery) => readonly Terms[]) {
    this.#epochs = epochs;
    this.#find = find;
  }

  of(query: PriceQuery): readonly Terms[] {
    const { provider, model, region, servedModel = null } = query;
    const { serviceTier } = query.usage;
    const epoch = this.#epochs.indexOf(query.atMs);
    const known = this.#byEpoch.get(epoch)?.get(model);
    if (known !== undefined) {
      for (const each of known) {
        if (
          each.region === region &&
          each.servedModel === servedModel &&
          each.serviceTier === serviceTier &&
          each.provider === provider
        )
          return each.terms;
      }
    }
    const terms = this.#find(query);
    this.#add(epoch, model, { provider, region, servedModel, serviceTier, terms });
    return terms;
  }

  #add(epoch: number, model: string, known: Known): void {
    if (this.#size >= maxKnown) {
      this.#byEpoch.clear();
      this.#size = 0;
    }
    const models = this.#byEpoch.get(epoch) ?? new Map<string, Known[]>();
    this.#byEpoch.set(epoch, models);
    const present = models.get(model);
    if (present === undefined) models.set(model, [known]);
    else present.push(known);
    this.#size++;
  }
}
