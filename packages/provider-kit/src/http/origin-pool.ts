import type { AbortSource } from '@vibe/core';
import { buildConnector, type Dispatcher, errors, Pool } from 'undici';
import { Exchange, type ExchangeAnswer } from './exchange.js';
import { LoopTurn } from './loop-turn.js';

/** What an HTTP client lets its users choose. */
export interface PoolOptions {
  /** Connections to one origin at most; further requests wait for a free one. Default 1024. */
  readonly connections?: number;
}

const DEFAULT_CONNECTIONS = 1024;
/** Alibaba's and Google's load balancers close idle connections after 15 s or more: be earlier than they. */
const IDLE_CONNECTION_MS = 10_000;
/** Node's default of 250 ms per address is less than one round trip to another continent. */
const ADDRESS_ATTEMPT_MS = 1_000;
/** The largest answer that is read: several images in base64 fit. */
const MAX_RESPONSE_BYTES = 512 * 1024 * 1024;

/**
 * The connections to one origin. A connect timeout belongs to a request, while undici takes it per connector: so the
 * connector is made for the request that needs a new connection, and kept while the timeout stays the same.
 */
export class OriginPool {
  readonly #pool: Pool;
  readonly #connectErrors = new WeakSet<object>();
  #connectMs = 0;
  #connector: buildConnector.connector | null = null;
  readonly #turn = new LoopTurn();

  constructor(origin: string, options: PoolOptions) {
    this.#pool = new Pool(origin, {
      connections: options.connections ?? DEFAULT_CONNECTIONS,
      connect: (target, callback) => this.#connect(target, callback),
      keepAliveTimeout: IDLE_CONNECTION_MS,
      pipelining: 1,
      headersTimeout: 0, // the chain keeps these two: it knows when the caller is waiting
      bodyTimeout: 0,
      maxResponseSize: MAX_RESPONSE_BYTES,
    });
    this.#pool.on('connectionError', (_origin, _targets, error) => this.#connectErrors.add(error));
  }

  /** Sends a request. A connection that it has to open may take `connectMs`. Redirects are not followed. */
  request(options: Dispatcher.DispatchOptions, connectMs: number, signal: AbortSource): Promise<ExchangeAnswer> {
    if (connectMs !== this.#connectMs) {
      this.#connectMs = connectMs;
      this.#connector = null;
    }
    const exchange = new Exchange(this.#turn, signal);
    this.#pool.dispatch(options, exchange);
    return exchange.answer();
  }

  /** Whether an error of `request` happened before the connection stood, so that nothing was sent. */
  isConnectError(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#connectErrors.has(error);
  }

  /** Closes every connection at once. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  /** undici ends a connection that takes too long, but looks for such only every half a second or second. */
  #connect(target: buildConnector.Options, callback: buildConnector.Callback): void {
    const timeoutMs = this.#connectMs;
    let isTooLate = false;
    let looking: NodeJS.Immediate | undefined;
    const giveUp = () => {
      isTooLate = true;
      callback(new errors.ConnectTimeoutError(`no connection within ${timeoutMs} ms`), null);
    };
    // After work that kept the process busy for so long, the sockets get their turn first: this one may stand already.
    const timer = setTimeout(() => {
      looking = setImmediate(giveUp);
    }, timeoutMs);
    // The socket keeps the process alive; one that was given up must not.
    timer.unref();
    this.#connectorNow()(target, (...[error, socket]) => {
      clearTimeout(timer);
      clearImmediate(looking);
      if (isTooLate) socket?.destroy();
      else if (error === null) callback(null, socket);
      else callback(error, null);
    });
  }

  #connectorNow(): buildConnector.connector {
    this.#connector ??= buildConnector({
      timeout: this.#connectMs,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    });
    return this.#connector;
  }
}
