import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runQuietly } from './child.mjs';
import { inRoot } from './root.mjs';

/** Starts a Node that runs `source` attached, as `npm start` runs the app. */
function attachedParent(source) {
  return spawn(process.execPath, ['--input-type=module', '-e', attachedScript(source)]);
}

function attachedScript(source) {
  const child = pathToFileURL(inRoot('scripts/setup/child.mjs')).href;
  return `
    import { runAttached } from '${child}';
    process.exitCode = await runAttached(process.execPath, ['-e', ${JSON.stringify(source)}]);
  `;
}

describe('a child process', () => {
  it('is quiet and gives back its output and exit code', async () => {
    const source = "console.log('out'); console.error('err'); process.exit(3)";
    const { code, output } = await runQuietly(process.execPath, ['-e', source]);
    expect(code).toBe(3);
    expect(output).toContain('out');
    expect(output).toContain('err');
  });

  it('that does not exist is an exit code and a reason, not an exception', async () => {
    const { code, output } = await runQuietly('vibe-no-such-program', []);
    expect(code).toBe(127);
    expect(output).toContain('vibe-no-such-program');
  });

  it('gets the input and gives the exit code when it is attached', async () => {
    const parent = attachedParent('process.stdin.on("data", (d) => process.exit(Number(String(d))))');
    parent.stdin.end('7');
    const [code] = await once(parent, 'exit');
    expect(code).toBe(7);
  });

  it('gets a signal sent to its parent and decides about the end', async () => {
    const parent = attachedParent(
      "process.on('SIGINT', () => process.exit(42)); console.log('ready'); setInterval(() => {}, 1000)",
    );
    await once(parent.stdout, 'data');
    parent.kill('SIGINT');
    const [code] = await once(parent, 'exit');
    expect(code).toBe(42);
  });

  it('that dies of a signal takes its parent with it', async () => {
    const parent = attachedParent("console.log('ready'); setInterval(() => {}, 1000)");
    await once(parent.stdout, 'data');
    parent.kill('SIGTERM');
    const [, signal] = await once(parent, 'exit');
    expect(signal).toBe('SIGTERM');
  });

  it.skipIf(process.platform === 'win32')('ends when the shell above its parent is terminated', async () => {
    const command = `"$0" --input-type=module -e "$1"; true`; // `; true`: no shell replaces itself with the parent
    const source =
      "process.on('SIGTERM', () => { console.log('told'); process.exit(0); }); console.log('ready'); setInterval(() => {}, 1000)";
    const shell = spawn('sh', ['-c', command, process.execPath, attachedScript(source)]);
    let output = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      if (chunk.includes('ready')) shell.kill('SIGTERM');
    });
    await once(shell.stdout, 'close'); // closes when the last process that writes to it has ended
    expect(output).toContain('told');
  });
});
