import { initial } from './0001-initial.js';
import { rateLimits } from './0002-rate-limits.js';
import { details } from './0003-details.js';
import type { Migration } from './migration.js';

/** All steps, oldest first. A new file runs through all of them. */
export const migrations: readonly Migration[] = [initial, rateLimits, details];
