export { type ConfigRow, describeConfig } from './describe-config.js';
export { type EditedFile, type EditResult, setInFile, unsetInFile } from './edit/edit-config.js';
export { writeFileAtomically } from './edit/write-file.js';
export { type EnvironmentVariable, environmentVariables } from './environment.js';
export type { Environment } from './files.js';
export { configJsonSchema } from './json-schema.js';
export { keyMeaning } from './key-meanings.js';
export {
  isOpenToOthers,
  type KeysFile,
  keepKey,
  keysFilePath,
  readKeysFile,
  removeKey,
  variableName,
} from './keys-file.js';
export { secretsInUserFile } from './layer.js';
export { type ConfigFile, findConfigFiles, type LoadedConfig, type LoadOptions, loadConfig } from './load-config.js';
export { loadVibe, type PluginOptions, pluginsOf, vibeFrom } from './load-vibe.js';
export type { Overruled } from './merge/rule.js';
export { nearestName } from './nearest-name.js';
export { parsePath } from './path.js';
export type { PluginKind } from './plugins/default-parts.js';
export type { NamedPlugin } from './plugins/entries.js';
export type { Problem } from './problems.js';
export type { ConfigValues, PluginEntry } from './values.js';
