import type { LimitDemand, LimitHint, LimitState, Limits, RateAsk, RateRefusal, Target } from '@vibe/core';

/** What the main thread asks of the writer, as plain values: nothing travels faster. The first says what it is. */
export type RateValue = number | string | null;
export type RateOrder = readonly RateValue[];

/** An order as the writer gets it. */
export interface RateCommand {
  readonly kind: 'rate';
  /** Null where an order is about all targets. */
  readonly target: Target | null;
  readonly order: RateOrder;
}

export const orderNumber = {
  acquire: 1,
  correct: 2,
  release: 3,
  redate: 4,
  leave: 5,
  learn: 6,
  resync: 7,
  record: 8,
  end: 9,
  advance: 10,
  state: 11,
} as const;

/** A call that wants to go. */
export interface AcquireOrder {
  /** The main thread's name for it. */
  readonly ticket: number;
  readonly requests: number;
  readonly tokens: number;
  readonly maxWaitMs: number;
  readonly limits: Limits;
}

export function acquireOrder({ ticket, requests, tokens, maxWaitMs, limits }: AcquireOrder): RateOrder {
  return [orderNumber.acquire, ticket, requests, tokens, maxWaitMs, ...limitValues(limits)];
}

export function readAcquire(order: RateOrder): AcquireOrder {
  const [, ticket, requests, tokens, maxWaitMs] = order;
  return {
    ticket: ticket as number,
    requests: requests as number,
    tokens: tokens as number,
    maxWaitMs: maxWaitMs as number,
    limits: readLimits(order, 5),
  };
}

function limitValues({ rpm, tpm, rpd, concurrency, rpdTimezone, burst }: Limits): RateOrder {
  return [
    rpm ?? null,
    tpm ?? null,
    rpd ?? null,
    concurrency ?? null,
    rpdTimezone ?? null,
    burst?.windowMs ?? null,
    burst?.requests ?? null,
    burst?.tokens ?? null,
  ];
}

function readLimits(order: RateOrder, from: number): Limits {
  const [rpm, tpm, rpd, concurrency, timezone, windowMs, most, mostTokens] = order.slice(from);
  const limits: { -readonly [Key in keyof Limits]: Limits[Key] } = {};
  if (rpm !== null) limits.rpm = rpm as number;
  if (tpm !== null) limits.tpm = tpm as number;
  if (rpd !== null) limits.rpd = rpd as number;
  if (concurrency !== null) limits.concurrency = concurrency as number;
  if (timezone !== null) limits.rpdTimezone = timezone as string;
  if (windowMs !== null) {
    limits.burst = {
      windowMs: windowMs as number,
      ...(most === null ? {} : { requests: most as number }),
      ...(mostTokens === null ? {} : { tokens: mostTokens as number }),
    };
  }
  return limits;
}

/** The tokens that were really used. */
export const correctOrder = (ref: number, tokens: number): RateOrder => [orderNumber.correct, ref, tokens];

/** A request has ended. `isSent` false: it was never sent and counts no more. */
export const releaseOrder = (ref: number, isSent: boolean, timezone: string): RateOrder => [
  orderNumber.release,
  ref,
  isSent ? 1 : 0,
  timezone,
];

/** The answer arrived later than it was dated, and that is when the request really left. */
export const redateOrder = (ref: number, atMs: number): RateOrder => [orderNumber.redate, ref, atMs];

/** Who waits has given up. If it was let go meanwhile, it was not sent. */
export const leaveOrder = (ref: number, timezone: string): RateOrder => [orderNumber.leave, ref, timezone];

export function learnOrder({ retryAfterMs, scope, timezone }: LimitHint): RateOrder {
  return [orderNumber.learn, retryAfterMs, scope, timezone ?? null];
}

export function readHint([, retryAfterMs, scope, timezone]: RateOrder): LimitHint {
  return {
    retryAfterMs: retryAfterMs as number | null,
    scope: scope as LimitHint['scope'],
    ...(timezone === null ? {} : { timezone: timezone as string }),
  };
}

/** The truth after an outage: so many requests of this process are in flight, and none of its calls waits. */
export const resyncOrder = (inFlight: number): RateOrder => [orderNumber.resync, inFlight];

/** A request that was let go while the file could not be used. */
export const recordOrder = (atMs: number, requests: number, tokens: number, timezone: string): RateOrder => [
  orderNumber.record,
  atMs,
  requests,
  tokens,
  timezone,
];

/** What is used of a target's limits. Answered with `RateStanding`. */
export const stateOrder = ({ requests, tokens }: LimitDemand, limits: Limits): RateOrder => [
  orderNumber.state,
  requests,
  tokens,
  ...limitValues(limits),
];

export function readStateOrder(order: RateOrder): RateAsk {
  const [, requests, tokens] = order;
  return { requests: requests as number, tokens: tokens as number, limits: readLimits(order, 3) };
}

/** Null: this process does not use the target, and whoever wants to know has to read the file. */
export type RateStanding = Omit<LimitState, 'target'> | null;

/** This process waits no more, and has nothing in flight. */
export const endOrder: RateOrder = [orderNumber.end];

/** The writer's own: time has passed, or another process has changed something. */
export const advanceCommand: RateCommand = { kind: 'rate', target: null, order: [orderNumber.advance] };
export const endCommand: RateCommand = { kind: 'rate', target: null, order: endOrder };

/** How an acquire ended for now. */
export type RateDecision =
  | { readonly kind: 'admitted'; readonly ref: number; readonly atMs: number }
  | {
      readonly kind: 'waiting';
      readonly ref: number;
      readonly waitMs: number;
      readonly place: number;
    }
  | { readonly kind: 'refused'; readonly why: RateRefusal; readonly waitMs: number | null; readonly isClosed: boolean };

/** What has become of a call that waited. */
export type RateNews =
  | { readonly kind: 'admitted'; readonly ticket: number; readonly ref: number; readonly atMs: number }
  | {
      readonly kind: 'refused';
      readonly ticket: number;
      readonly why: RateRefusal;
      readonly waitMs: number | null;
      readonly isClosed: boolean;
    }
  /** Another process took this one for dead and has taken its place away. */
  | { readonly kind: 'lost'; readonly ticket: number };
