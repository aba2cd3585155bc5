import type { PluginHost, PluginInput, PluginPart, Provider } from '@vibe/core';
import { present } from '../expect.js';

const host: PluginHost = { now: Date.now, random: Math.random, warn: () => undefined };

/** The first provider that a plugin brings, created as `createVibe` would. */
export function providerOf(plugin: PluginInput): Provider {
  const provider = partsOf(plugin).find((part) => part.kind === 'provider');
  return present(provider, 'a part of the kind provider') as Provider;
}

function partsOf(input: PluginInput): readonly PluginPart[] {
  if (isList(input)) return input.flatMap(partsOf);
  if (input.kind !== 'plugin') return [input];
  return partsOf(input.create(host));
}

/** Array.isArray does not narrow readonly arrays. */
function isList(input: PluginInput): input is readonly PluginInput[] {
  return Array.isArray(input);
}
