import { createHash } from 'node:crypto';
import { defaultRouter, definePlugin, type Router } from '@vibe/core';

export interface AbTestOptions {
  /** The models under test. */
  readonly models: readonly string[];
  /** The tag that says who calls. Default `user`. */
  readonly tag?: string;
}

/** A router that gives each user always the same of some models; the others stay behind it for failover. */
const abTest = definePlugin({
  name: '@vibe/example-router-ab-test',
  specVersion: 'v1',
  create: ({ models, tag = 'user' }: AbTestOptions): Router => {
    const inner = defaultRouter();
    return {
      kind: 'router',
      plan(request, view) {
        const plan = inner.plan(request, view);
        const user = request.request.tags?.[tag];
        if (user === undefined || models.length === 0) return plan;
        const chosen = models[createHash('sha256').update(user).digest().readUInt32BE(0) % models.length];
        const [best] = plan.candidates;
        const first = plan.candidates
          .filter(({ target }) => target.model === chosen)
          // Scores fall along the list.
          .map((route) => ({
            ...route,
            score: (best?.score ?? 0) + 1,
            scoreParts: { ...route.scoreParts, abTest: 1 },
          }));
        const others = plan.candidates.filter(({ target }) => target.model !== chosen);
        return { ...plan, candidates: [...first, ...others] };
      },
    };
  },
});
export default abTest;
