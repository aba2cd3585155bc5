const module =
  (file, factory = 'create') =>
  async () =>
    (await import(`./${file}.mjs`))[factory];

/** Everybody who is measured. `peer`: needs the packages of this folder; the others need only a built repository. */
export const contenders = {
  raw: { title: 'raw undici', load: module('raw') },
  'raw-ledger': { title: 'raw undici and the ledger', load: module('raw-ledger') },
  fetch: { title: 'fetch', load: module('fetch') },
  vibe: { title: 'Vibe', load: module('vibe') },
  'vibe-unguarded': { title: 'Vibe, guards off', load: module('vibe', 'createUnguarded') },
  openai: { title: 'openai', peer: true, load: module('openai') },
  'ai-sdk': { title: 'AI SDK', peer: true, load: module('ai-sdk') },
  langchain: { title: 'LangChain', peer: true, load: module('langchain') },
  glued: { title: 'hand-glued', peer: true, load: module('glued') },
};

export const peerNames = Object.keys(contenders).filter((name) => contenders[name].peer);

export const titleOf = (name) => contenders[name].title;
