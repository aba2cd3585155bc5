import type { DeferredPart, PluginInput, PluginPart } from '@vibe/core';

export type PluginKind = PluginPart['kind'];

/** A plugin that is used when nobody brings a part of its kind. */
export interface DefaultPlugin {
  readonly kind: PluginKind;
  readonly plugin: DeferredPart;
}

/**
 * `inputs` followed by the defaults. A default gives only parts of kinds that no input brings: a client has one ledger,
 * and with providers of the user's choice no others. Plugins are created in the order of the list, so the defaults know.
 */
export function withDefaults(
  inputs: readonly PluginInput[],
  defaults: readonly DefaultPlugin[],
): readonly PluginInput[] {
  const kinds = new Set<PluginKind>();
  const note = (parts: readonly PluginPart[]) => {
    // What is no part is for the client to refuse.
    for (const part of parts as readonly (PluginPart | null | undefined)[]) if (part) kinds.add(part.kind);
    return parts;
  };
  const watched = flat(inputs).map((input): PluginInput => {
    if (input.kind !== 'plugin') {
      note([input]);
      return input;
    }
    return { ...input, create: (host) => note(list(input.create(host))) };
  });
  const filling = defaults.map(
    ({ kind, plugin }): PluginInput => ({
      ...plugin,
      create: (host) => (kinds.has(kind) ? [] : list(plugin.create(host)).filter((part) => !kinds.has(part.kind))),
    }),
  );
  return [...watched, ...filling];
}

/** `plugins` may be nested. */
export function flat(inputs: readonly PluginInput[]): readonly (PluginPart | DeferredPart)[] {
  return inputs.flatMap((input) => (isList(input) ? flat(input) : [input]));
}

function isList(input: PluginInput): input is readonly PluginInput[] {
  return Array.isArray(input);
}

function list(parts: PluginPart | readonly PluginPart[]): readonly PluginPart[] {
  return Array.isArray(parts) ? parts : [parts as PluginPart];
}
