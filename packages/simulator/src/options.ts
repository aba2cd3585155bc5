import type { Pace } from './http/player.js';
import { SimulatorError } from './simulator-error.js';

/** All fields are optional; the defaults make a fast, healthy provider that accepts every plausible key. */
export interface SimulatorOptions {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Only `127.0.0.1`: the simulator never listens to anybody else. */
  readonly host?: '127.0.0.1';
  /** Decides every answer, id and random fault. Default 1. */
  readonly seed?: number;
  /** Accepted API keys. Default: every key except those with `invalid` or `wrong` in them. */
  readonly keys?: readonly string[];
  /**
   * Known models, `*` stands for any text; others get the provider's "not found". Default: `gemini*` on the Gemini wire,
   * `qwen*`, `qwq*`, `qvq*`, `wan*`, `z-image*`, `fun-asr*`, `paraformer*` on DashScope's, all of these on the generic one.
   */
  readonly models?: readonly string[];
  /** Time to the first token. Default 0. */
  readonly ttftMs?: number;
  /** Tokens per second after the first event. Default: as fast as the client reads. */
  readonly tokensPerSecond?: number;
  /** Tokens per event of a stream. Default 4. */
  readonly chunkTokens?: number;
  /** Share of the prompt that is reported as read from the cache, 0 to 1. Default 0. */
  readonly cachedShare?: number;
  /** Requests that `requests()` remembers. Default and upper bound 1000; the oldest are forgotten first. */
  readonly keepRequests?: number;
  /** Echoed in the statistics, to tell several simulators apart. */
  readonly region?: string;
}

/** The options with their defaults, checked. */
export interface Settings {
  readonly port: number;
  readonly seed: number;
  readonly keys: readonly string[] | null;
  readonly models: readonly string[] | null;
  readonly pace: Pace;
  readonly chunkTokens: number;
  readonly cachedShare: number;
  readonly keepRequests: number;
  readonly region: string | null;
}

export const LOOPBACK = '127.0.0.1';

/** The most requests that are remembered. */
export const MAX_KEPT_REQUESTS = 1000;

const DEFAULT_SEED = 1;
const DEFAULT_CHUNK_TOKENS = 4;
const MAX_PORT = 65_535;

/** The settings for some options. Throws a SimulatorError `invalid_option` that names the option. */
export function readSettings(options: SimulatorOptions): Settings {
  if (options.host !== undefined && options.host !== LOOPBACK) {
    throw invalid('host', options.host, `it only listens on ${LOOPBACK}; leave the option out`);
  }
  return {
    port: within('port', options.port ?? 0, 0, MAX_PORT, true),
    seed: within('seed', options.seed ?? DEFAULT_SEED, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true),
    keys: options.keys ?? null,
    models: options.models ?? null,
    pace: {
      ttftMs: within('ttftMs', options.ttftMs ?? 0, 0, Number.MAX_SAFE_INTEGER),
      tokensPerSecond:
        options.tokensPerSecond === undefined
          ? null
          : within('tokensPerSecond', options.tokensPerSecond, Number.MIN_VALUE, Number.MAX_VALUE),
    },
    chunkTokens: within('chunkTokens', options.chunkTokens ?? DEFAULT_CHUNK_TOKENS, 1, Number.MAX_SAFE_INTEGER, true),
    cachedShare: within('cachedShare', options.cachedShare ?? 0, 0, 1),
    keepRequests: within('keepRequests', options.keepRequests ?? MAX_KEPT_REQUESTS, 0, MAX_KEPT_REQUESTS, true),
    region: options.region ?? null,
  };
}

function within(name: string, value: number, min: number, max: number, whole = false): number {
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (!fits) throw invalid(name, value, `give ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`);
  return value;
}

function invalid(name: string, value: unknown, next: string): SimulatorError {
  return new SimulatorError('invalid_option', `The simulator option ${name} cannot be ${String(value)}: ${next}.`);
}
