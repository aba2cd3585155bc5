import type { KnownProvider } from './known-provider.js';

const known: Readonly<Record<string, () => Promise<KnownProvider>>> = {
  gemini: async () => (await import('./gemini.js')).knownGemini,
  qwen: async () => (await import('./qwen.js')).knownQwen,
};

export const knownIds: readonly string[] = Object.keys(known);

/** What is known about a provider of ours; null for the others. */
export async function knownProvider(id: string): Promise<KnownProvider | null> {
  return Object.hasOwn(known, id) ? ((await known[id]?.()) ?? null) : null;
}
