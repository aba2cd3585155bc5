/** What the benchmark of planning takes from inside of core; nothing of it is public. */
export { createVibe } from '../../packages/core/src/create-vibe.js';
export { Planner } from '../../packages/core/src/routing/planner.js';
