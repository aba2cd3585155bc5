import type { RankedRoute, Router, RouterView } from '../spec/router.js';
import { rankByScore } from './score.js';

/** Ranks what may serve a call. Pure and deterministic: the same view gives the same plan. */
export function defaultRouter(): Router {
  return {
    kind: 'router',
    plan({ policy }, view) {
      const candidates = policy === 'fixed' ? inOrder(view) : rankByScore(policy, view);
      return { candidates, rejected: [] };
    },
  };
}

/** `router.order` first, as written; what it does not name keeps the order of the catalog. */
function inOrder(view: RouterView): readonly RankedRoute[] {
  const order = view.router.order ?? [];
  const place = (route: RankedRoute) => {
    const { provider, endpoint, model } = route.target;
    const index = order.findIndex(
      (name) => name === model || name === `${provider}/${model}` || name === `${provider}@${endpoint}/${model}`,
    );
    return index === -1 ? order.length : index;
  };
  const routes = view.options.map((option) => ({ target: option.target, score: 0, scoreParts: {} }));
  return routes
    .sort((first, second) => place(first) - place(second))
    .map((route, index) => ({ ...route, score: -index }));
}
