/** Everybody who is measured. Peers are packages of this folder; the others need nothing but a built repository. */
export const contenders = {
  raw: { title: 'raw undici', load: async () => (await import('./raw.mjs')).create },
  vibe: { title: 'Vibe', load: async () => (await import('./vibe.mjs')).create },
  'vibe-unguarded': {
    title: 'Vibe, guards off',
    load: async () => (await import('./vibe.mjs')).createUnguarded,
  },
};
