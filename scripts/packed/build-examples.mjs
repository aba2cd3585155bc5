// Makes packages of the examples as their authors would: compiled against the packed packages, packed, installed.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, readJson } from '../setup/root.mjs';

const compilerOptions = {
  module: 'nodenext',
  target: 'es2022',
  strict: true,
  declaration: true,
  rootDir: 'src',
  outDir: 'dist',
  types: ['node'],
  typeRoots: [inRoot('node_modules', '@types')],
};

function folders(path) {
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => name).sort();
}

/** Compiles every example inside of `consumer`, where the tarballs are installed. Resolves with the examples' tarballs. */
export async function buildExamples(consumer, mustRun) {
  const tarballs = [];
  for (const folder of folders(inRoot('examples'))) {
    const source = inRoot('examples', folder, 'src');
    const build = join(consumer, 'build', folder);
    mkdirSync(build, { recursive: true });
    for (const file of readdirSync(source).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
      cpSync(join(source, file), join(build, 'src', file));
    }
    const { devDependencies: _, private: __, scripts: ___, ...manifest } = readJson('examples', folder, 'package.json');
    const text = JSON.stringify(manifest, null, 2).replaceAll('"workspace:^"', '">=0.1.0 <1"');
    writeFileSync(join(build, 'package.json'), text);
    writeFileSync(join(build, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    const tsc = inRoot('node_modules', 'typescript', 'bin', 'tsc');
    await mustRun(`tsc of examples/${folder}`, process.execPath, [tsc, '-p', build], build);
    await mustRun(`npm pack of examples/${folder}`, 'npm', ['pack', '--pack-destination', consumer], build);
    const { name, version } = JSON.parse(readFileSync(join(build, 'package.json'), 'utf8'));
    tarballs.push(join(consumer, `${name.slice(1).replace('/', '-')}-${version}.tgz`));
  }
  return tarballs;
}
