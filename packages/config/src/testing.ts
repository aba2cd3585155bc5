import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A home and a project folder of their own, for one test. */
export interface Sandbox {
  readonly root: string;
  /** The project folder. */
  readonly cwd: string;
  readonly env: Record<string, string | undefined>;
  /** Writes a file, relative to the root, and returns its path. */
  write(path: string, content: string | Uint8Array): string;
  remove(): void;
}

/** `home/.config/vibe/config.yaml` is the user's file, `project/vibe.config.yaml` the project's. */
export function sandbox(): Sandbox {
  const root = mkdtempSync(join(tmpdir(), 'vibe-config-'));
  mkdirSync(join(root, 'home'));
  mkdirSync(join(root, 'project'));
  return {
    root,
    cwd: join(root, 'project'),
    env: { HOME: join(root, 'home') },
    write(path, content) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A plugin package as files: a provider `echo` that answers with the prompt, without needing @vibe/core. */
export const echoPlugin = `
function echo(given = {}) {
  if (given.fail) {
    const error = new Error('@example/echo: invalid options. options.fail: must not be set');
    throw Object.assign(error, { code: 'config', details: { paths: ['options.fail'] }, [Symbol.for('vibe.error')]: true });
  }
  return {
    kind: 'plugin',
    name: '@example/echo',
    specVersion: 'v1',
    create: () => ({
      kind: 'provider',
      id: given.id ?? 'echo',
      endpoints: [{ id: 'here', region: given.region ?? 'global', baseUrl: 'http://127.0.0.1:1', keyPresent: () => true }],
      models: [{ id: 'echo-1', operations: ['chat'], input: ['text'], output: ['text'], streams: true, tools: false, structured: false, reasoning: false, tier: 'standard', contextTokens: 1000, maxOutputTokens: 100 }],
      async *stream(call) {
        const text = call.request.messages.flatMap((message) => message.content).map((part) => part.text).join(' ');
        yield { type: 'delta', part: { type: 'text', text }, text };
        yield { type: 'final', result: { content: [{ type: 'text', text }], finishReason: 'stop', rawFinishReason: 'stop', usage: { quantities: { input_token: 1, output_token: 1 }, unknown: false, source: 'provider' }, servedModel: null, requestId: null } };
      },
    }),
  };
}
export default Object.assign(echo, { pluginName: '@example/echo', specVersion: 'v1' });
`;
