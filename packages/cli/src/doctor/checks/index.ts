import type { Check } from '../check.js';
import { breaker } from './breaker.js';
import { clock } from './clock.js';
import { command } from './command.js';
import { config } from './config.js';
import { endpoints } from './endpoints.js';
import { holds } from './holds.js';
import { keys } from './keys.js';
import { ledger } from './ledger.js';
import { limits } from './limits.js';
import { prices } from './prices.js';
import { runtime } from './runtime.js';

/** THE ORDER in which findings are printed; what others depend on comes first. */
export const checks: readonly Check[] = [
  runtime,
  config,
  command,
  ledger,
  holds,
  prices,
  keys,
  endpoints,
  limits,
  breaker,
  clock,
];
