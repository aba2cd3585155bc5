import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Recorded traffic of real services: a folder of its own beside the repository, or the one VIBE_RECORDINGS names; null where there is none. */
export const recordingsFolder = ((): string | null => {
  const folder = process.env['VIBE_RECORDINGS'] ?? fileURLToPath(new URL('../../../../shared/wire', import.meta.url));
  return existsSync(folder) ? folder : null;
})();

export interface Recording {
  readonly name: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** A file that the answer names by its address. */
  readonly extra?: Buffer;
}

/** The recordings of one wire, in the order of their names; none where the folder is missing. */
export function recordings(wire: string): Recording[] {
  if (recordingsFolder === null) return [];
  const folder = `${recordingsFolder}/${wire}`;
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.map(({ name }) => readRecording(`${folder}/${name}`, name)).sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Fails with the recordings that no test reads and of which nobody says why not. Those of another folder (in
 * VIBE_RECORDINGS) are only told: they may be more than ours.
 */
export function checkAllRead(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  if (process.env['VIBE_RECORDINGS'] === undefined)
    throw new Error(`recordings that nothing reads: ${unknown.join(', ')}`);
  console.warn(`recordings that nothing reads: ${unknown.join(', ')}`);
}

function readRecording(folder: string, name: string): Recording {
  const meta = JSON.parse(readFileSync(`${folder}/meta.json`, 'utf8'));
  const file = ['response.sse', 'response.json'].find((each) => existsSync(`${folder}/${each}`));
  const contentType = file === 'response.sse' ? 'text/event-stream' : 'application/json';
  const kept = Object.entries<string>(meta.response_headers ?? {}).filter(([header]) => keptHeaders.test(header));
  const extra = `${folder}/transcription-file.json`;
  return {
    name,
    status: meta.http_status ?? meta.httpStatus,
    headers: { 'content-type': contentType, ...Object.fromEntries(kept) },
    body: file === undefined ? Buffer.alloc(0) : readFileSync(`${folder}/${file}`),
    ...(existsSync(extra) && { extra: readFileSync(extra) }),
  };
}

/** The others belong to the recorded connection. */
const keptHeaders = /^(x-|retry-after|content-type$)/;
