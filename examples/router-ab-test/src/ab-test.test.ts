import { routerContract } from '@vibe/contract-tests';
import type { RouteRequest, Router, RouterView } from '@vibe/core';
import { describe, it } from 'vitest';
import abTest from './ab-test.js';

const router = abTest({ models: ['acme-1', 'acme-2'] }).create({
  now: () => 0,
  random: () => 0,
  warn: () => undefined,
}) as Router;

/** The contract asks without tags; every user here has one. */
const asUser = (user: string): Router => ({
  kind: 'router',
  plan: (request: RouteRequest, view: RouterView) =>
    router.plan({ ...request, request: { ...request.request, tags: { user } } }, view),
});

routerContract({ describe, it }, { name: 'an A/B test without users', create: () => router });
for (const user of ['ann', 'bob', 'eve'])
  routerContract({ describe, it }, { name: `an A/B test for ${user}`, create: () => asUser(user) });
