import { pathToFileURL } from 'node:url';
import { inRoot } from './root.mjs';

/** Starts the built simulator of this repository on a free port. Resolves with `{ url, close() }`. */
export async function startBuiltSimulator() {
  const built = pathToFileURL(inRoot('packages', 'simulator', 'dist', 'index.js')).href;
  const { startSimulator } = await import(built);
  return startSimulator();
}
