/** Signs in the output of npx, npm, pnpm and node-gyp, and what each means. The first that fits wins. */
const installSigns = [
  [
    /ERR_PNPM_OUTDATED_LOCKFILE/,
    'pnpm-lock.yaml does not fit the package.json files: run `{pnpm} install` and commit the lock file.',
  ],
  [
    /ERR_PNPM_UNSUPPORTED_ENGINE/,
    'a dependency does not support this version of Node (named above): use an even version such as 20, 22 or 24.',
  ],
  [/ENOSPC/, 'the disk is full: make room, then run the command again.'],
  [
    /EACCES|EPERM/,
    'a folder may not be written (named above): give yourself the right to write it, then run the command again.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ERR_PNPM_META_FETCH_FAIL|ERR_PNPM_NO_OFFLINE_META|ENOTCACHED/,
    'the npm registry could not be reached: check the network, the proxy and `npm config get registry`, then run the command again.',
  ],
  [
    /spawn npx|npx: (?:command )?not found/,
    'npx was not found: it comes with npm, so install Node with npm, then run the command again.',
  ],
];

/** How to get what node-gyp needs. Said for the systems most people have. */
const toolchainHint = 'on Debian and Ubuntu `apt-get install python3 make g++`, on macOS `xcode-select --install`';

/**
 * One sentence for a failed `pnpm install`.
 * `output`: everything it said; `missing`: those of python3, make and a C++ compiler that this machine lacks;
 * `pnpm`: how to call pnpm here.
 */
export function diagnoseInstall({ output, missing, pnpm }) {
  const lead = 'The set-up failed: ';
  // Offline, a failed compilation also shows the failed download of the prebuilt binary: look for the compilation first.
  if (/gyp ERR!|node-gyp/.test(output) && /better-sqlite3/.test(output)) return lead + diagnoseAddon(output, missing);
  const sign = installSigns.find(([pattern]) => pattern.test(output));
  const meaning =
    sign?.[1] ??
    '`{pnpm} install` ended with an error (its output is above): mend what it names, then run the command again.';
  return lead + meaning.replaceAll('{pnpm}', pnpm);
}

function diagnoseAddon(output, missing) {
  const what = 'the SQLite addon (better-sqlite3) could not be compiled';
  if (missing.length > 0) {
    return `${what} because ${listOf(missing)} ${missing.length > 1 ? 'are' : 'is'} missing: install the C++ toolchain (${toolchainHint}), then run the command again.`;
  }
  if (
    /headers\.tar\.gz|node_headers|getaddrinfo|FetchError|SHASUMS/.test(output.split('gyp ERR!').slice(1).join(' '))
  ) {
    return `${what} because the headers of Node could not be downloaded: install them with Node and set npm_config_nodedir to the folder that holds include/node, or go online, then run the command again.`;
  }
  return `${what} (the compiler's output is above): check python3, make and g++ (${toolchainHint}), then run the command again.`;
}

const listOf = (things) => new Intl.ListFormat('en').format(things);

/** One sentence for a failed turbo task such as `build`. */
export function diagnoseTask(task, output) {
  if (/did not find the correct binary|Cannot find module.*turbo/.test(output)) {
    return 'The installed tools do not fit this machine: delete the folder node_modules, then run `npm run setup`.';
  }
  const failed = /Failed:\s+(.+)/.exec(output)?.[1]?.trim().replaceAll(`#${task}`, '');
  return failed
    ? `The ${task} failed in ${failed} (its output is above): mend it, then run the command again.`
    : `The ${task} failed (its output is above): mend it, then run the command again.`;
}
