// `changeset status` that works in any clone: on any branch, with a detached HEAD, without a network.
// Fails when a package has changed since the base and no changeset says so.
import { spawnSync } from 'node:child_process';
import { root, tools } from './setup/root.mjs';

const git = (...args) => {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
};

/** The first of these that shares history with HEAD. HEAD itself is last: then only what is not committed counts. */
const base = ['origin/main', 'main', 'HEAD'].find((name) => git('merge-base', name, 'HEAD') !== null);

if (base === undefined) {
  console.log('changesets: there is no commit to compare with, nothing to check');
} else {
  const since = git('merge-base', base, 'HEAD');
  console.log(`changesets: compared with ${since.slice(0, 9)} (${base})`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [tools.changeset, 'status', `--since=${since}`], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stdout.write(`${stdout}${stderr}`);
    process.exitCode = 1;
  }
}
