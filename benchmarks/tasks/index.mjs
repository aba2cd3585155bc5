import { calls, streams } from './throughput.mjs';

/** What a client process can be told to do. Each gets the contender and options, and resolves with plain numbers. */
export const tasks = { calls, streams };
