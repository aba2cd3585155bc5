import { built } from '../lib/from-package.mjs';

const { defaultRouter } = await built('core');

/** Ways to choose that are compared. `learns`: it sees what the ledger has seen. */
export const policies = (seed) => ({
  cheap: { route: 'cheap', learns: true, options: { exploration: { share: exploredShare, seed } } },
  smart: { route: 'smart', learns: true, options: { exploration: { share: exploredShare, seed } } },
  quality: { route: 'quality', learns: true, options: { exploration: { share: exploredShare, seed } } },
  'estimates only': { route: 'cheap', learns: false, options: {}, router: estimatesOnly },
  'round robin': { route: 'cheap', learns: false, options: {}, router: roundRobin },
});

/** One call in two hundred may go to a candidate about which little is known. */
const exploredShare = 0.005;

/** The router as it would be if nothing had ever been seen of a call: prices, limits and breakers are all it knows. */
function estimatesOnly() {
  const { plan } = defaultRouter();
  return {
    kind: 'router',
    plan: (request, view) =>
      plan(request, {
        ...view,
        outputShare: null,
        options: view.options.map((option) => ({ ...option, stats: null, own: null })),
      }),
  };
}
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
