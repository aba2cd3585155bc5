#!/usr/bin/env node
// The one entry of every npm command: npm start | npm test | npm run build | npm run check | npm run setup ...
// Needs only Node and npm. This file and node-version.mjs keep to syntax that old versions of Node understand,
// so that somebody with an old Node reads a sentence and not a SyntaxError.
import { tooOld } from './setup/node-version.mjs';

const complaint = tooOld(process.versions.node);
if (complaint) {
  console.error(complaint);
  process.exitCode = 1;
} else {
  void import('./commands.mjs').then((commands) => commands.run(process.argv.slice(2)));
}
