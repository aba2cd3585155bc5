import type { RankedRoute, Router, RouterView } from '../spec/router.js';
import { namesTarget } from './downgrade.js';
import { explored } from './explored.js';
import { patient } from './patience.js';
import { rankByScore } from './score.js';

/** Ranks what may serve a call. Pure and deterministic: the same view gives the same plan. */
export function defaultRouter(): Router {
  return {
    kind: 'router',
    plan({ policy }, view) {
      if (policy === 'fixed') return { candidates: inOrder(view), rejected: [] };
      const ranked = rankByScore(policy, view);
      const { exploration = null } = view;
      if (exploration !== null) return { candidates: explored(ranked, policy, view, exploration), rejected: [] };
      return { candidates: policy === 'cheap' ? patient(ranked) : ranked.map(({ route }) => route), rejected: [] };
    },
  };
}

/** `router.order` first, as written; what it does not name keeps the order of the catalog. */
function inOrder(view: RouterView): readonly RankedRoute[] {
  const order = view.router.order ?? [];
  const place = (route: RankedRoute) => {
    const index = order.findIndex((name) => namesTarget(name, route.target));
    return index === -1 ? order.length : index;
  };
  const routes = view.options.map((option) => ({ target: option.target, score: 0, scoreParts: {} }));
  return routes
    .sort((first, second) => place(first) - place(second))
    .map((route, index) => ({ ...route, score: -index }));
}
