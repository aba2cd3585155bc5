import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { inRoot } from './root.mjs';

/** The environment for installs and builds. What the user runs in the end gets the user's own environment instead. */
export function toolEnvironment(base = process.env, execPath = process.execPath) {
  const environment = {
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    npm_config_update_notifier: 'false',
    // Offline, npm would wait for a minute before it says so.
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '5000',
    JOBS: 'max', // node-gyp: make -j
    ...base,
  };
  // The SQLite addon is compiled where its prebuilt binary cannot be downloaded. Without this, node-gyp
  // downloads the headers of Node first, though they often lie beside the running Node.
  const prefix = join(dirname(execPath), '..');
  if (!environment.npm_config_nodedir && existsSync(join(prefix, 'include', 'node', 'node.h'))) {
    environment.npm_config_nodedir = prefix;
  }
  // turbo looks for pnpm on the PATH
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  environment[pathName] = [inRoot('node_modules', '.bin'), environment[pathName]].filter(Boolean).join(delimiter);
  return environment;
}
