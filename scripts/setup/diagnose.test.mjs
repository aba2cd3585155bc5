import { describe, expect, it } from 'vitest';
import { diagnoseInstall, diagnoseTask } from './diagnose.mjs';

const pnpm = 'npx -y pnpm@10.0.0';
const diagnose = (output, missing = []) => diagnoseInstall({ output, missing, pnpm });
const failedDownload = 'better-sqlite3 install: prebuild-install warn install getaddrinfo ENOTFOUND github.com\n';

describe('the diagnosis of a failed install', () => {
  it('names the missing tools when the addon could not be compiled, not the failed download before', () => {
    const output = `${failedDownload}better-sqlite3 install: gyp ERR! find Python\nELIFECYCLE`;
    const sentence = diagnose(output, ['python3', 'make']);
    expect(sentence).toContain('because python3 and make are missing');
    expect(sentence).toContain('apt-get install python3 make g++');
    expect(sentence).not.toContain('registry');
  });

  it('tells missing headers of Node from a missing compiler', () => {
    const output = `${failedDownload}gyp http GET node-v20.20.2-headers.tar.gz\ngyp ERR! stack FetchError: getaddrinfo EAI_AGAIN`;
    expect(diagnose(output)).toContain('npm_config_nodedir');
  });

  it('sends to the compiler output when nothing is missing', () => {
    const output = `${failedDownload}better-sqlite3 install: gyp ERR! stack Error: \`make\` failed with exit code: 2`;
    expect(diagnose(output)).toContain("the compiler's output is above");
  });

  it.each([
    ['npm error code ENOTFOUND\nnpm error syscall getaddrinfo', 'registry could not be reached'],
    ['ERR_PNPM_META_FETCH_FAIL  GET failed, reason: connect ECONNREFUSED', 'registry could not be reached'],
    ['ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"', `run \`${pnpm} install\``],
    ['ERR_PNPM_UNSUPPORTED_ENGINE  Unsupported environment', 'even version'],
    ['ENOSPC: no space left on device', 'disk is full'],
    ['EACCES: permission denied, mkdir', 'may not be written'],
    ['spawn npx ENOENT', 'install Node with npm'],
    ['something nobody has seen', 'its output is above'],
  ])('understands: %s', (output, meaning) => {
    const sentence = diagnose(output);
    expect(sentence).toContain(meaning);
    expect(sentence).toMatch(/^The set-up failed: [^\n]+\.$/);
  });
});

describe('the diagnosis of a failed task', () => {
  it('names the packages', () => {
    const output = ' Tasks:    3 successful, 4 total\nFailed:    @vibe/core#build\n\n ERROR  run failed';
    expect(diagnoseTask('build', output)).toBe(
      'The build failed in @vibe/core (its output is above): mend it, then run the command again.',
    );
  });

  it('knows tools of another machine', () => {
    expect(diagnoseTask('build', 'Turborepo did not find the correct binary for your platform')).toContain(
      'node_modules',
    );
  });

  it('is a sentence for anything else', () => {
    expect(diagnoseTask('build', '')).toBe(
      'The build failed (its output is above): mend it, then run the command again.',
    );
  });
});
