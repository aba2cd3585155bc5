import type { PluginInput, PluginPart } from '@vibe/core';
import { present } from './expect.js';

/** The first part of a kind that a plugin brings, created as `createVibe` would. `now` is the time the plugin is told. */
export function partOf<Kind extends PluginPart['kind']>(
  kind: Kind,
  plugin: PluginInput,
  now: () => number = Date.now,
): Extract<PluginPart, { kind: Kind }> {
  const part = partsOf(plugin, now).find((candidate) => candidate.kind === kind);
  return present(part, `a part of the kind ${kind}`) as Extract<PluginPart, { kind: Kind }>;
}

function partsOf(input: PluginInput, now: () => number): readonly PluginPart[] {
  if (isList(input)) return input.flatMap((entry) => partsOf(entry, now));
  if (input.kind !== 'plugin') return [input];
  return partsOf(input.create({ now, random: Math.random, warn: () => undefined }), now);
}

/** Array.isArray does not narrow readonly arrays. */
function isList(input: PluginInput): input is readonly PluginInput[] {
  return Array.isArray(input);
}
