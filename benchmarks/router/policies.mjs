/** Ways to choose that are compared. `learns`: it sees what the ledger has seen. */
export const policies = (seed) => ({
  cheap: { route: 'cheap', learns: true, options: { exploration: { share: exploredShare, seed } } },
  smart: { route: 'smart', learns: true, options: { exploration: { share: exploredShare, seed } } },
  quality: { route: 'quality', learns: true, options: { exploration: { share: exploredShare, seed } } },
  'estimates only': { route: 'cheap', learns: false, options: {} },
  'round robin': { route: 'cheap', learns: false, options: {}, router: roundRobin },
});

/** One call in two hundred may go to a candidate about which little is known. */
const exploredShare = 0.005;

/** Everybody in turn, whoever may serve the call. */
function roundRobin() {
  let turn = 0;
  return {
    kind: 'router',
    plan(_, { options }) {
      turn++;
      const routes = options.map(({ target }, index) => ({
        target,
        place: (index + options.length - (turn % options.length)) % options.length,
      }));
      routes.sort((left, right) => left.place - right.place);
      return {
        candidates: routes.map(({ target, place }) => ({ target, score: -place, scoreParts: {} })),
        rejected: [],
      };
    },
  };
}

/** One candidate for everything, as who does not route would have it. */
export const fixedTo = ({ provider, endpoint, model }) => ({
  modelOf: `${provider}@${endpoint}/${model}`,
  keepsTier: false,
  learns: false,
  options: {},
});
