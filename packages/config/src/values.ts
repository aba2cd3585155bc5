import type { Json, VibeOptions } from '@vibe/core';

/** A plugin as a file names it: a package (or a path such as `./my-plugin.js`) and the options it is called with. */
export interface PluginEntry {
  readonly name: string;
  readonly options?: Readonly<Record<string, Json>> | undefined;
}

/**
 * What a config file may say: the keys of `VibeOptions`, with plugins by name. `middleware` names plugins, too: a
 * function cannot stand in a file.
 */
export type ConfigValues = Omit<VibeOptions, 'plugins' | 'middleware'> & {
  readonly plugins?: readonly (string | PluginEntry)[];
  readonly middleware?: readonly (string | PluginEntry)[];
};
