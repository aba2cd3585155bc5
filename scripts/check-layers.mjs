// Checks who imports whom and how long files are; prints `file:line rule`. The rules: scripts/layers/rules.mjs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { checkLayers } from './layers/check.mjs';
import { inRoot, readJson } from './setup/root.mjs';

const files = [];
const manifests = {};
for (const parent of ['packages', 'apps', 'examples']) {
  for (const name of existsSync(inRoot(parent)) ? readdirSync(inRoot(parent)).sort() : []) {
    const folder = `${parent}/${name}`;
    if (!existsSync(inRoot(folder, 'package.json')) || !existsSync(inRoot(folder, 'src'))) continue;
    manifests[folder] = readJson(folder, 'package.json');
    for (const inside of readdirSync(inRoot(folder, 'src'), { recursive: true }).sort()) {
      if (!inside.endsWith('.ts')) continue;
      const path = `${folder}/src/${inside.replaceAll('\\', '/')}`;
      files.push({ path, text: readFileSync(inRoot(path), 'utf8') });
    }
  }
}

const { failures, warnings } = checkLayers(files, manifests);
for (const warning of warnings) console.log(`warning: ${warning}`);
for (const failure of failures) console.log(failure);
console.log(`layers: ${files.length} files, ${failures.length} failures, ${warnings.length} warnings`);
if (failures.length > 0) process.exitCode = 1;
