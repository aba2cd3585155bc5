import {
  createVibe,
  type Ledger,
  type ModelManifest,
  memoryLedger,
  type OperationRequest,
  type PluginInput,
  type Pricing,
  type Provider,
  type ProviderCall,
  type Settlement,
  type Vibe,
} from '@vibe/core';
import { present, within } from '../expect.js';
import { partOf } from '../parts.js';
import { type Abilities, abilitiesOf, endpointOf } from './abilities.js';
import { chatRequest } from './requests.js';
import type { SituationName, SituationTypes } from './situations.js';
import type { ProviderContractOptions, ProviderSubject } from './subject.js';

const defaultPatienceMs = 4_000;

export interface CallOptions {
  /** Default: the first model that chats. */
  readonly model?: ModelManifest | null;
  /** Default: a plain question. */
  readonly request?: OperationRequest;
  /** Default true: deltas are looked at. */
  readonly incremental?: boolean;
  readonly signal?: AbortSignal;
}

/** A client of the provider under test, with everything it told its ledger. */
export interface Client {
  readonly vibe: Vibe;
  /** `provider/model` of the first model that chats. */
  readonly model: string;
  readonly settlements: readonly Settlement[];
}

/** What a test is given: a provider, and its service in a situation. */
export class Scene<Name extends SituationName> {
  readonly secrets: readonly string[];
  readonly situation: SituationTypes[Name];
  readonly plugin: PluginInput;
  readonly provider: Provider;
  readonly abilities: Abilities;
  readonly #subject: ProviderSubject;
  readonly #patienceMs: number;
  readonly #clients: Vibe[] = [];

  static async open<Name extends SituationName>(options: ProviderContractOptions, name: Name): Promise<Scene<Name>> {
    const subject = await options.setup();
    try {
      return new Scene(subject, await entered(subject, name), options.patienceMs ?? defaultPatienceMs);
    } catch (error) {
      await subject.close();
      throw error;
    }
  }

  private constructor(subject: ProviderSubject, situation: SituationTypes[Name], patienceMs: number) {
    this.#subject = subject;
    this.#patienceMs = patienceMs;
    this.situation = situation;
    this.secrets = subject.secrets;
    this.plugin = situation.provider ?? subject.provider;
    this.provider = partOf('provider', this.plugin);
    this.abilities = abilitiesOf(this.provider);
  }

  /** Brings the service into another situation, for the same provider. */
  enter<Other extends SituationName>(name: Other): Promise<SituationTypes[Other]> {
    return entered(this.#subject, name);
  }

  get chatModel(): ModelManifest {
    return present(this.abilities.chat, 'a model that chats');
  }

  /** One physical request, as the chain would ask for it. */
  call(options: CallOptions = {}): ProviderCall {
    const model = options.model ?? this.chatModel;
    return {
      ...(options.request ?? chatRequest(model)),
      endpoint: present(endpointOf(this.provider, model), `an endpoint with a key for ${model.id}`),
      model,
      incremental: options.incremental ?? true,
      signal: options.signal ?? new AbortController().signal,
      timeout: { connectMs: 10_000 },
    };
  }

  /** A client with a price of 1,000 nano-USD for every unit, and no repetitions. */
  client(): Client {
    const ledger = memoryLedger();
    const settlements: Settlement[] = [];
    const watched: Ledger = {
      ...ledger,
      settle(callId, settlement) {
        settlements.push(settlement);
        return ledger.settle(callId, settlement);
      },
    };
    const defaults = { retry: { attempts: 1 } };
    const vibe = createVibe({ plugins: [this.plugin, unitPrices, watched], defaults });
    this.#clients.push(vibe);
    return { vibe, model: this.reference(this.chatModel), settlements };
  }

  /** The name under which a client finds exactly this model at an endpoint with a key. */
  reference(model: ModelManifest): string {
    const endpoint = present(endpointOf(this.provider, model), `an endpoint with a key for ${model.id}`);
    return `${this.provider.id}@${endpoint.id}/${model.id}`;
  }

  /** Waits for an event, and fails with its name when it does not come. */
  within<T>(promise: Promise<T>, what: string): Promise<T> {
    return within(promise, what, this.#patienceMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((vibe) => vibe.close()));
    // A client closes the provider it was given; one that it created itself is not this one.
    const isShared = this.#clients.length > 0 && partOf('provider', this.plugin) === this.provider;
    if (!isShared) await this.provider.close?.();
    await this.#subject.close();
  }
}

async function entered<Name extends SituationName>(
  subject: ProviderSubject,
  name: Name,
): Promise<SituationTypes[Name]> {
  const enter = subject.situations[name] as (() => SituationTypes[Name] | Promise<SituationTypes[Name]>) | undefined;
  return present(enter, `the situation "${name}"`)();
}

const unitPrices: Pricing = {
  kind: 'pricing',
  price({ usage }) {
    const lines = Object.entries(usage.quantities).map(([unit, quantity = 0]) => {
      const nanoUsd = Math.ceil(quantity) * 1_000;
      return { unit, quantity, usd: nanoUsd / 1e9, nanoUsd, priceId: `contract-tests/${unit}` };
    });
    const totalNanoUsd = lines.reduce((sum, line) => sum + line.nanoUsd, 0);
    return { lines, totalNanoUsd, priceIds: lines.map(({ priceId }) => priceId), currency: 'USD', fxRate: null };
  },
  rates: () => [],
};
