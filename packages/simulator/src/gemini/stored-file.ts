import type { Shelf } from '../shelf.js';

/** A file that was uploaded. Of its bytes only the number is kept. */
export interface StoredFile {
  readonly name: string;
  readonly uri: string;
  readonly displayName: string | null;
  readonly mimeType: string;
  readonly bytes: number;
  /** How often it is still seen as PROCESSING. */
  readonly pollsLeft: number;
  readonly fails: boolean;
}

/** The file that an address or a path ends with. */
export function storedFile(shelf: Shelf, uri: string): StoredFile | null {
  const name = /files\/[^/?]+$/.exec(uri)?.[0];
  return name === undefined ? null : ((shelf.get(shelfName(name)) as StoredFile | null | undefined) ?? null);
}

/** Its name on the shelf. */
export function shelfName(name: string): string {
  return `gemini ${name}`;
}
