import { createRequire } from 'node:module';

/** The version of this package. */
export function version(): string {
  // Beside `dist` as well as beside `src`.
  const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string };
  return manifest.version;
}
