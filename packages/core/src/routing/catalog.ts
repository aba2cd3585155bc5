import type { Endpoint, ModelManifest, Provider } from '../spec/provider.js';
import type { Operation, Target } from '../spec/target.js';
import { parseModelReference } from './model-reference.js';

/** A model at an endpoint with a profile, as configured. */
export interface CatalogEntry {
  readonly provider: Provider;
  readonly endpoint: Endpoint;
  readonly manifest: ModelManifest;
  readonly target: Target;
}

/** References whose entries are remembered; programs use a handful. */
const maxRemembered = 1_000;

/** Everything the configured providers serve. */
export class Catalog {
  readonly #providers: readonly Provider[];
  readonly #entries: readonly CatalogEntry[];
  readonly #found = new Map<string, readonly CatalogEntry[]>();

  constructor(providers: readonly Provider[]) {
    this.#providers = providers;
    this.#entries = providers.flatMap((provider) =>
      provider.models.flatMap((manifest) => entriesOf(provider, manifest)),
    );
  }

  get providers(): readonly Provider[] {
    return this.#providers;
  }

  /** Everything that a manifest names. */
  get targets(): readonly Target[] {
    return this.#entries.map(({ target }) => target);
  }

  /**
   * Who could serve a model reference; empty when nobody knows it. A model of a named provider that is in no manifest
   * passes through: providers add models faster than manifests.
   */
  find(reference: string, operation: Operation): readonly CatalogEntry[] {
    const key = `${operation} ${reference}`;
    let found = this.#found.get(key);
    if (found === undefined) {
      found = this.#search(reference, operation);
      if (this.#found.size >= maxRemembered) this.#found.clear();
      this.#found.set(key, found);
    }
    return found;
  }

  #search(reference: string, operation: Operation): readonly CatalogEntry[] {
    const { provider, at, model } = parseModelReference(reference, this.#providers);
    // A variable that is not set, most likely: `qwen/` is not every model of qwen, nor one to pass through.
    if (model === '') return [];
    const matching = this.#entries.filter((entry) => {
      if (provider !== null && entry.provider.id !== provider) return false;
      if (at !== null && entry.endpoint.id !== at && entry.target.profile !== at) return false;
      return model === null || entry.target.model === model;
    });
    if (model === null) return able(matching, operation);
    if (matching.length > 0 || provider === null) return matching;
    return this.#passThrough(provider, at, model, operation);
  }

  /** Known models that read like `reference`, for messages. */
  suggestions(reference: string): readonly string[] {
    const names = [...new Set(this.#entries.map(({ target }) => target.model))];
    const wanted = reference.toLowerCase();
    return names
      .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
      .filter(
        ({ name, distance }) =>
          distance <= Math.max(2, wanted.length / 3) || name.includes(wanted) || wanted.includes(name),
      )
      .sort((first, second) => first.distance - second.distance || (first.name < second.name ? -1 : 1))
      .slice(0, 3)
      .map(({ name }) => name);
  }

  #passThrough(providerId: string, at: string | null, model: string, operation: Operation): readonly CatalogEntry[] {
    return this.#providers
      .filter(({ id }) => id === providerId)
      .flatMap((provider) => entriesOf(provider, unlistedModel(model, operation)))
      .filter(({ endpoint, target }) => at === null || endpoint.id === at || target.profile === at);
  }
}

/** Where any model will do, those of other operations are no candidates at all; all of them, when that leaves none. */
function able(entries: readonly CatalogEntry[], operation: Operation): readonly CatalogEntry[] {
  const fitting = entries.filter(({ manifest }) => manifest.operations.includes(operation));
  return fitting.length > 0 ? fitting : entries;
}

function entriesOf(provider: Provider, manifest: ModelManifest): readonly CatalogEntry[] {
  const profile = provider.profile ?? 'default';
  const names = [manifest.id, ...(manifest.aliases ?? [])];
  return provider.endpoints
    .filter((endpoint) => manifest.endpoints?.includes(endpoint.id) ?? true)
    .flatMap((endpoint) =>
      names.map((model) => ({
        provider,
        endpoint,
        manifest: model === manifest.id ? manifest : { ...manifest, id: model },
        target: { provider: provider.id, profile, endpoint: endpoint.id, region: endpoint.region, model },
      })),
    );
}

/** Nothing is known about it, so nothing is refused on its behalf; without `maxOutputTokens` its cost has no bound. */
function unlistedModel(id: string, operation: Operation): ModelManifest {
  return {
    id,
    operations: [operation],
    input: ['text', 'image', 'audio', 'file_ref', 'tool_call', 'tool_result', 'reasoning'],
    output: ['text', 'reasoning', 'tool_call'],
    streams: true,
    tools: true,
    structured: true,
    reasoning: true,
    tier: 'standard',
  };
}

/** Levenshtein distance. Model names are short, so the plain table is enough. */
function editDistance(first: string, second: string): number {
  let row = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let i = 1; i <= first.length; i++) {
    const next = [i];
    for (let j = 1; j <= second.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (first[i - 1] === second[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[second.length] ?? 0;
}
