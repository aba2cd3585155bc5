import type { WireName } from '../wire.js';
import type { Fault } from './fault.js';

/** Which requests a rule is about: all conditions given must hold. `*` in a pattern stands for any text. */
export interface RuleMatch {
  /** Pattern for the path without query. */
  readonly path?: string;
  /** Pattern for the model the request names. */
  readonly model?: string;
  /** Pattern for the endpoint, such as `gemini.stream`, `qwen.*`. */
  readonly endpoint?: string;
  readonly wire?: WireName;
  readonly stream?: boolean;
  /** Text somewhere in the conversation. */
  readonly prompt?: string;
}

/**
 * When a fault happens. Rules are asked in the order they were scripted; the first one that fires decides, the others are
 * not asked. Counts are per rule and start when it is scripted.
 */
export interface Rule {
  readonly match?: RuleMatch;
  /** One fault, or several on the same reply. */
  readonly fault: Fault | readonly Fault[];
  /** Fires at most this often. Default: no end. */
  readonly times?: number;
  /** Lets this many matching requests pass first. Default 0. */
  readonly afterRequests?: number;
  /** Fires at every n-th matching request after that. Default 1. */
  readonly every?: number;
  /** Chance to fire, 0 to 1, drawn from the seed. Default 1. */
  readonly rate?: number;
  /** Decides whom `rate` hits. Default: the simulator's seed and the place of the rule. */
  readonly seed?: number;
  /**
   * Does not fire when the same request (path and body) was hit this often in a row, by whichever rule: whoever retries
   * gets through then. Default: no end.
   */
  readonly maxInARow?: number;
  /** Only from this moment on, counted from when the rule was scripted. Default 0. */
  readonly fromMs?: number;
  /** Only before this moment. Default: no end. */
  readonly untilMs?: number;
  /** Wait before the faulty reply. Default 0. */
  readonly delayMs?: number;
}
