import type { RankedRoute, Router, RouterView } from '../spec/router.js';
import { namesTarget } from './downgrade.js';
import { expectationsOf } from './expectation.js';
import { rankByScore } from './score.js';

/** What exploring may cost, unless the configuration says otherwise. */
const defaultMaxCostFactor = 3;

/** Ranks what may serve a call. Pure and deterministic: the same view gives the same plan. */
export function defaultRouter(): Router {
  return {
    kind: 'router',
    plan({ policy }, view) {
      if (policy === 'fixed') return { candidates: inOrder(view), rejected: [] };
      const ranked = rankByScore(policy, view);
      const { exploration = null } = view;
      return { candidates: exploration === null ? ranked : explored(ranked, view, exploration), rejected: [] };
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

/**
 * Puts the candidate in front of which least is known lately, so that what has become better is noticed. What it lacks in
 * score is told as the part `exploration`.
 */
function explored(ranked: readonly RankedRoute[], view: RouterView, draw: number): readonly RankedRoute[] {
  const [best] = ranked;
  if (best === undefined) return ranked;
  const expectations = expectationsOf(view.options);
  const known = new Map(
    view.options.map(({ target, stats }, index) => [
      target,
      { nanoUsd: expectations[index]?.nanoUsd ?? null, calls: stats?.recent?.calls ?? 0 },
    ]),
  );
  const expectedNanoUsd = ({ target }: RankedRoute) => known.get(target)?.nanoUsd ?? null;
  const knownCalls = ({ target }: RankedRoute) => known.get(target)?.calls ?? 0;
  const ceiling = (expectedNanoUsd(best) ?? 0) * (view.router.exploration?.maxCostFactor ?? defaultMaxCostFactor);
  const affordable = ranked.slice(1).filter((route) => (expectedNanoUsd(route) ?? Number.POSITIVE_INFINITY) <= ceiling);
  if (affordable.length === 0) return ranked;
  const least = Math.min(...affordable.map(knownCalls));
  const unknown = affordable.filter((route) => knownCalls(route) <= least + 0.5);
  const chosen = unknown[Math.floor(draw * unknown.length)] as RankedRoute;
  const scoreParts = { ...chosen.scoreParts, exploration: best.score - chosen.score };
  return [{ ...chosen, score: best.score, scoreParts }, ...ranked.filter((route) => route !== chosen)];
}
