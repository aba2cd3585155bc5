// Runs the examples of README.md, of docs/ and of the packages' READMEs against the simulator: each in a process of its
// own, with the built packages, in an empty folder that is also its home. How an example is marked: readme/blocks.mjs.
//
// An example may import every package of this repository. It needs no base URL and no key: the preload lets `qwen()`
// and `gemini()` lead to the simulator (readme/preload.mjs) and both keys are set. VIBE_SIMULATOR_URL is the simulator.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runnableBlocks, toJavaScript } from './readme/blocks.mjs';
import { runQuietly } from './setup/child.mjs';
import { inRoot } from './setup/root.mjs';
import { startBuiltSimulator } from './setup/simulator.mjs';

const documents = [
  'README.md',
  ...markdownIn('docs'),
  ...readdirSync(inRoot('packages')).map((name) => `packages/${name}/README.md`),
].filter((path) => existsSync(inRoot(path)));
const examples = documents.flatMap((path) =>
  runnableBlocks(readFileSync(inRoot(path), 'utf8')).map((block) => ({ ...block, path })),
);

let simulator;
let folder;
beforeAll(async () => {
  simulator = await startBuiltSimulator();
  folder = mkdtempSync(join(tmpdir(), 'vibe-readme-'));
});
afterAll(async () => {
  await simulator?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

describe('the examples of the documentation', () => {
  it('README.md has runnable examples', () => {
    expect(examples.filter(({ path }) => path === 'README.md')).not.toHaveLength(0);
  });

  for (const { path, line, code, prints } of examples) {
    it(`${path}:${line} runs`, async () => {
      const cwd = mkdtempSync(join(folder, 'example-'));
      writeFileSync(join(cwd, 'example.mjs'), toJavaScript(code));
      const preload = pathToFileURL(inRoot('scripts/readme/preload.mjs')).href;
      const { code: exitCode, output } = await runQuietly(process.execPath, ['--import', preload, 'example.mjs'], {
        cwd,
        env: environment(cwd),
      });
      expect(exitCode, output).toBe(0);
      if (prints !== null) expect(output).toContain(prints);
    });
  }
});

function environment(home) {
  return {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    DASHSCOPE_API_KEY: 'simulated',
    GEMINI_API_KEY: 'simulated',
    VIBE_SIMULATOR_URL: simulator.url,
  };
}

function markdownIn(directory) {
  if (!existsSync(inRoot(directory))) return [];
  const inside = readdirSync(inRoot(directory), { recursive: true }).sort();
  return inside.filter((name) => name.endsWith('.md')).map((name) => `${directory}/${name.replaceAll('\\', '/')}`);
}
