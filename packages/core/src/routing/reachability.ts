import type { EventHub } from '../flow/event-hub.js';
import { ageMs, isInFuture } from '../policies/age.js';
import type { EndpointHealth, Ledger } from '../spec/ledger.js';
import type { Endpoint, PingResult, Provider } from '../spec/provider.js';
import type { EndpointReach } from '../spec/router.js';
import type { CatalogEntry } from './catalog.js';

/** A probe that takes longer has failed. */
const maxProbeMs = 5_000;
/** The first probe comes so long after the first call: a script that makes one call makes no probe. */
const firstProbeMs = 1_000;
/** What cannot be reached is looked at more often, so that it is soon back. */
const maxRetryMs = 5_000;
const defaultIntervalMs = 30_000;
/** After so many intervals without news nothing is known any more; at least after so long: a busy process may be late. */
const intervalsOfTrust = 3;
const minTrustMs = 15_000;
/** So long after the last call that could have gone there an endpoint is still asked. */
const minWantedMs = 60_000;
/** How much of the latency that is told a new measurement is. */
const newShare = 0.3;

/** An endpoint that is probed. */
export interface Place {
  readonly key: string;
  readonly provider: Provider;
  readonly entry: CatalogEntry;
  reach: EndpointReach | null;
  updatedAtMs: number;
  /** When a call could last have gone there. */
  wantedAtMs: number;
  dueAtMs: number;
}

export interface ReachabilityParts {
  readonly ledger: Ledger;
  readonly events: EventHub;
  /** Default 30,000. 0: nothing is probed. */
  readonly intervalMs: number | undefined;
  readonly now: () => number;
}

/**
 * Which endpoints can be reached, and how fast. Asked are only endpoints that calls may go to, of providers that have
 * several, in the background: no call ever waits for a probe. Processes that share a ledger share the answers.
 */
export class Reachability {
  readonly #parts: ReachabilityParts;
  readonly #intervalMs: number;
  readonly #places = new Map<string, Place>();
  readonly #closing = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #probing = false;

  constructor(parts: ReachabilityParts) {
    this.#parts = parts;
    this.#intervalMs = parts.intervalMs ?? defaultIntervalMs;
  }

  /** Null where probing makes no sense: nothing to ask with, or nowhere else to go. */
  placeOf(entry: CatalogEntry): Place | null {
    const { provider, endpoint, target } = entry;
    if (this.#intervalMs === 0 || provider.ping === undefined || provider.endpoints.length < 2) return null;
    const key = `${provider.id}:${target.profile}@${endpoint.id}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      place = { key, provider, entry, reach: null, updatedAtMs: never, wantedAtMs: never, dueAtMs: never };
      this.#places.set(key, place);
    }
    return place;
  }

  /** What is known now; null when nothing is, or not any more. */
  reachOf(place: Place, nowMs: number): EndpointReach | null {
    return ageMs(place.updatedAtMs, nowMs) > this.#trustMs ? null : place.reach;
  }

  /** A call may go there: from now on it is probed, until no call comes any more. */
  want(place: Place, nowMs: number): void {
    const wasWanted = this.#isWanted(place, nowMs);
    place.wantedAtMs = nowMs;
    if (wasWanted) return;
    place.dueAtMs = Math.max(this.#dueAtMs(place, nowMs), nowMs + Math.min(firstProbeMs, this.#intervalMs));
    this.#arm();
  }

  /** What others have found. */
  learn(entries: readonly EndpointHealth[]): void {
    const nowMs = this.#parts.now();
    for (const { key, state, latencyMs, updatedAtMs } of entries) {
      const place = this.#places.get(key);
      if (place === undefined || ageMs(updatedAtMs, nowMs) >= ageMs(place.updatedAtMs, nowMs)) continue;
      if (state === 'reachable' || state === 'unreachable') this.#found(place, { state, latencyMs }, updatedAtMs);
    }
  }

  get #trustMs(): number {
    return Math.max(minTrustMs, intervalsOfTrust * this.#intervalMs);
  }

  close(): void {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #isWanted({ wantedAtMs }: Place, nowMs: number): boolean {
    return ageMs(wantedAtMs, nowMs) <= Math.max(minWantedMs, this.#trustMs);
  }

  /** What is due later than it can be was put off before the clock was set back. */
  #dueAtMs({ dueAtMs }: Place, nowMs: number): number {
    return isInFuture(dueAtMs - this.#intervalMs, nowMs) ? nowMs : dueAtMs;
  }

  #arm(): void {
    if (this.#timer !== null || this.#probing || this.#closing.signal.aborted) return;
    const nowMs = this.#parts.now();
    const dues = [...this.#places.values()]
      .filter((place) => this.#isWanted(place, nowMs))
      .map((place) => this.#dueAtMs(place, nowMs));
    if (dues.length === 0) return;
    this.#timer = setTimeout(() => void this.#round(), Math.max(0, Math.min(...dues) - nowMs));
    // Probes must not keep a program alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async #round(): Promise<void> {
    this.#timer = null;
    this.#probing = true;
    await this.#readNews();
    const nowMs = this.#parts.now();
    const due = [...this.#places.values()].filter(
      (place) => this.#dueAtMs(place, nowMs) <= nowMs && this.#isWanted(place, nowMs),
    );
    await Promise.allSettled(due.map((place) => this.#probe(place)));
    this.#probing = false;
    this.#arm();
  }

  async #readNews(): Promise<void> {
    try {
      this.learn((await this.#parts.ledger.health?.read()) ?? []);
    } catch {
      // The ledger tells its own trouble where it matters; then everybody probes alone.
    }
  }

  async #probe(place: Place): Promise<void> {
    const intervalMs = this.#intervalMs;
    const { ledger, now } = this.#parts;
    // Until it is known better: somebody else may be asking, or there is nowhere else to go.
    place.dueAtMs = now() + Math.min(firstProbeMs, intervalMs);
    if (place.provider.endpoints.filter((endpoint) => endpoint.keyPresent()).length < 2) return;
    const release = await this.#claim(place);
    if (release === null) return;
    const result = await this.#ping(place);
    release();
    if (result === null) return;
    const before = place.reach?.latencyMs ?? null;
    const latencyMs = isReached(result) ? smoothed(before, result.latencyMs) : null;
    const state = isReached(result) ? 'reachable' : 'unreachable';
    const updatedAtMs = now();
    this.#found(
      place,
      { state, latencyMs, ...(result.message !== undefined && { message: result.message }) },
      updatedAtMs,
    );
    const untilMs = updatedAtMs + this.#trustMs;
    ledger.health?.write([{ key: place.key, state, untilMs, latencyMs, updatedAtMs }]);
  }

  /** One process at a time asks an endpoint. */
  async #claim({ key }: Place): Promise<(() => void) | null> {
    const { health } = this.#parts.ledger;
    try {
      return health?.claim === undefined ? nothing : await health.claim(key, 1, 2 * maxProbeMs);
    } catch {
      return nothing;
    }
  }

  /** One failure may be chance: it is confirmed at once. Null: the client is being closed. */
  async #ping({ provider, entry: { endpoint } }: Place): Promise<PingResult | null> {
    for (let attempt = 1; ; attempt++) {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(maxProbeMs)]);
      const failed = (message: string): PingResult => ({ ok: false, latencyMs: maxProbeMs, message });
      const result = await asked(provider, endpoint, signal).catch(() => failed(`no answer within ${maxProbeMs} ms`));
      if (this.#closing.signal.aborted) return null;
      if (isReached(result) || attempt === 2) return result;
    }
  }

  #found(place: Place, reach: EndpointReach, atMs: number): void {
    const intervalMs = this.#intervalMs;
    const before = this.reachOf(place, atMs)?.state ?? 'unknown';
    place.reach = reach;
    place.updatedAtMs = atMs;
    place.dueAtMs = atMs + (reach.state === 'reachable' ? intervalMs : Math.min(intervalMs, maxRetryMs));
    if (before === reach.state) return;
    const { provider, profile, endpoint, region } = place.entry.target;
    this.#parts.events.emit('reachability', { provider, profile, endpoint, region, from: before, to: reach.state });
  }
}

const nothing = () => undefined;

async function asked(provider: Provider, endpoint: Endpoint, signal: AbortSignal): Promise<PingResult> {
  return (await provider.ping?.(endpoint, signal)) ?? { ok: true, latencyMs: 0 };
}

/** A refusal is an answer too: the key may be wrong, but the place is there. A gateway that has nobody behind it is not. */
function isReached({ ok, status }: PingResult): boolean {
  return ok || (status !== undefined && status < 500);
}

function smoothed(before: number | null, latencyMs: number): number {
  return before === null ? latencyMs : before * (1 - newShare) + latencyMs * newShare;
}
