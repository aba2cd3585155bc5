import { guardedLimiter } from '../defaults/guarded-limiter.js';
import { VibeError } from '../errors/vibe-error.js';
import type { Ledger } from '../spec/ledger.js';
import type { Limiter } from '../spec/limiter.js';
import type { Middleware } from '../spec/middleware.js';
import type { DeferredPart, PluginHost, PluginInput, PluginPart } from '../spec/plugin.js';
import type { Pricing } from '../spec/pricing.js';
import type { Provider } from '../spec/provider.js';
import type { Router } from '../spec/router.js';
import type { Tokenizer } from '../spec/tokenizer.js';
import { checkPart } from './check-part.js';

/** What the plugins of a client contribute. */
export interface CollectedParts {
  readonly providers: readonly Provider[];
  readonly pricing: readonly Pricing[];
  readonly tokenizers: readonly Tokenizer[];
  readonly middleware: readonly Middleware[];
  readonly ledger: Ledger | null;
  readonly limiter: Limiter | null;
  readonly router: Router | null;
}

interface NamedPart {
  readonly part: PluginPart;
  /** The plugin it came from, for messages. */
  readonly from: string;
}

/** Creates all plugins and sorts their parts; a combination that makes no sense fails with the plugins' names. */
export function collectParts(inputs: readonly PluginInput[], host: PluginHost): CollectedParts {
  const named = inputs.flatMap((input, index) => partsOf(input, host, `plugins[${index}]`));
  const providers = ofKind(named, 'provider');
  refuseSameProviderTwice(providers);
  const limiter = atMostOne(named, 'limiter');
  return {
    providers: providers.map(({ part }) => part),
    pricing: ofKind(named, 'pricing').map(({ part }) => part),
    tokenizers: ofKind(named, 'tokenizer').map(({ part }) => part),
    middleware: ofKind(named, 'middleware').map(({ part }) => part.middleware),
    ledger: atMostOne(named, 'ledger'),
    limiter: limiter === null ? null : guardedLimiter(limiter, (warning) => host.warn(warning)),
    router: atMostOne(named, 'router'),
  };
}

const kinds = ['provider', 'ledger', 'limiter', 'router', 'pricing', 'tokenizer', 'middleware'];

function partsOf(input: PluginInput, host: PluginHost, from: string): readonly NamedPart[] {
  if (Array.isArray(input))
    return input.flatMap((entry: PluginInput, index) => partsOf(entry, host, `${from}[${index}]`));
  const part = input as PluginPart | DeferredPart;
  if (typeof part === 'function') {
    throw new VibeError(
      'config',
      `${from} is a plugin that was not called. Write ${nameOf(part)}() instead of ${nameOf(part)}.`,
    );
  }
  if (typeof part !== 'object' || part === null) throw noPart(from, `${from} is no plugin: got ${String(part)}.`);
  if (part instanceof Promise) {
    // Nobody waits for it any more: its failure must not end the program.
    part.catch(() => undefined);
    throw noPart(from, `${from} is no plugin yet: got a promise of one.`);
  }
  if (part.kind !== 'plugin') {
    if (kinds.includes(part.kind)) {
      checkPart(part, from);
      return [{ part, from }];
    }
    throw noPart(from, `${from}: unknown kind ${JSON.stringify(part.kind)}. Known are ${kinds.join(', ')}.`);
  }
  if (part.specVersion !== 'v1') {
    throw new VibeError(
      'config',
      `${part.name} was made for plugin spec ${part.specVersion}; this version of @vibe/core speaks v1.`,
      {
        details: { plugin: part.name, specVersion: part.specVersion },
        next: [`Install a version of ${part.name} for spec v1, or update @vibe/core.`],
      },
    );
  }
  const created = createdBy(part, host);
  return (Array.isArray(created) ? created : [created]).flatMap((entry: PluginPart) => partsOf(entry, host, part.name));
}

function noPart(from: string, message: string): VibeError {
  return new VibeError('config', message, {
    details: { plugin: from },
    next: [
      `Give ${from} a part with a "kind", or a list of parts. create() of a plugin returns them at once, without a promise.`,
    ],
  });
}

/** A plugin that cannot be created says so under its own name. */
function createdBy({ name, create }: DeferredPart, host: PluginHost): PluginPart | readonly PluginPart[] {
  try {
    return create(host);
  } catch (thrown) {
    if (VibeError.is(thrown)) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new VibeError('config', `${name} could not be created: ${reason}`, {
      details: { plugin: name },
      next: [`Look at the options of ${name}; if they are right, tell its author.`],
      cause: thrown,
    });
  }
}

function nameOf(plugin: { readonly pluginName?: string; readonly name?: string }): string {
  return plugin.pluginName ?? plugin.name ?? 'it';
}

function ofKind<K extends PluginPart['kind']>(
  named: readonly NamedPart[],
  kind: K,
): readonly { part: Extract<PluginPart, { kind: K }>; from: string }[] {
  return named.filter(({ part }) => part.kind === kind) as { part: Extract<PluginPart, { kind: K }>; from: string }[];
}

function atMostOne<K extends 'ledger' | 'limiter' | 'router'>(
  named: readonly NamedPart[],
  kind: K,
): Extract<PluginPart, { kind: K }> | null {
  const [first, second] = ofKind(named, kind);
  if (second !== undefined) {
    throw new VibeError('config', `A client has one ${kind}, but both ${first?.from} and ${second.from} bring one.`, {
      details: { kind, plugins: [first?.from, second.from] },
      next: [
        `Remove one of the two.${kind === 'limiter' ? ' sqliteLedger({ limiter: false }) leaves the limiter to another plugin.' : ''}`,
      ],
    });
  }
  return first?.part ?? null;
}

function refuseSameProviderTwice(providers: readonly { part: Provider; from: string }[]): void {
  const seen = new Map<string, string>();
  for (const { part, from } of providers) {
    const name = `${part.id}:${part.profile ?? 'default'}`;
    const before = seen.get(name);
    if (before !== undefined) {
      throw new VibeError(
        'config',
        `The provider "${part.id}" with the profile "${part.profile ?? 'default'}" is configured twice, by ${before} and ${from}.`,
        {
          details: { provider: part.id, profile: part.profile ?? 'default' },
          next: ['Give each its own profile, for example qwen({ profile: "second-account" }).'],
        },
      );
    }
    seen.set(name, from);
  }
}
