import type { BudgetState, EstimateVerdict, GenerationResponse, ReportRow, Target, VibeEvents } from '@vibe/core';

export type { CallRequest } from './server/read-input.js';

// What the page and the server say to each other. The page takes types from here and never any code of the server.

/** No other site can send it: a header of its own makes a browser ask first, and this server never agrees. */
export const pageHeader = 'x-vibe-chat';

/** How a route is chosen. */
export const routeNames = ['smart', 'cheap', 'fast', 'quality'] as const;

/** What may be said while a call runs, apart from its answer: the SDK's own events. */
export const noteNames = ['plan', 'hold', 'attempt', 'retry', 'wait', 'failover', 'downgrade'] as const;
export type NoteName = (typeof noteNames)[number];
export type Note = { readonly [K in NoteName]: { readonly type: K; readonly event: VibeEvents[K] } }[NoteName];

/** Everything about an answer but the answer. */
export type Receipt = Omit<GenerationResponse, 'content' | 'text' | 'object' | 'plan'>;

export interface Media {
  readonly kind: 'image' | 'audio';
  readonly mediaType: string;
  readonly base64: string;
}

/** An error as the page may see it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly next: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | null;
  /** What was spent all the same; null when unknown. */
  readonly costNanoUsd: number | null;
  /** Null: nobody here knows whether anything was sent. */
  readonly attempts: number | null;
}

/** Server-sent events of one call, in the order in which they happen; the last one is `final` or `failure`. */
export type CallEvent =
  | Note
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'final'; readonly text: string; readonly receipt: Receipt; readonly media: readonly Media[] }
  | { readonly type: 'failure'; readonly failure: Failure };

/** What may be broken in one region. */
export const faultNames = ['rate_limit', 'outage', 'slow', 'truncated'] as const;
export type FaultName = (typeof faultNames)[number];

export interface Circuit {
  readonly target: Target;
  readonly state: 'closed' | 'open' | 'half_open';
}

export interface RegionState {
  readonly region: string;
  readonly fault: FaultName | null;
}

/** The state of the server, sent whole whenever something in it has changed. */
export interface LiveState {
  readonly budgets: readonly BudgetState[];
  readonly circuits: readonly Circuit[];
  /** Empty when real services answer. */
  readonly regions: readonly RegionState[];
}

export interface ModelChoice {
  readonly id: string;
  readonly provider: string;
  /** The cheapest worst case of a short question; null when unknown. */
  readonly worstCaseUsd: number | null;
  /** Requests that may go within a minute; null: as many as the provider takes. */
  readonly rpm: number | null;
}

export interface Models {
  readonly simulated: boolean;
  readonly models: readonly ModelChoice[];
}

/** What a message would cost. */
export interface Quote {
  readonly inputTokens: number;
  readonly worstCaseUsd: number | null;
  readonly estimatedUsd: number | null;
  /** Null: nobody may serve it, `reasons` say why. */
  readonly target: Target | null;
  readonly reasons: readonly string[];
  readonly verdict: EstimateVerdict;
}

/** How the bars of the report are split. */
export const reportSplits = ['model', 'endpoint', 'unit', 'provider', 'status'] as const;
export type ReportSplit = (typeof reportSplits)[number];
export const reportRanges = ['today', '7d', '30d', '90d'] as const;
export type ReportRange = (typeof reportRanges)[number];

/** One bar. */
export interface ReportBucket {
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: readonly ReportRow[];
}

export interface SpendReport {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly timezone: string;
  readonly bucket: 'hour' | 'day' | 'week';
  readonly split: ReportSplit;
  readonly buckets: readonly ReportBucket[];
  readonly totals: ReportRow;
  readonly models: readonly ReportRow[];
  readonly endpoints: readonly ReportRow[];
  readonly units: readonly ReportRow[];
  readonly statuses: readonly ReportRow[];
  readonly budgets: readonly BudgetState[];
}
