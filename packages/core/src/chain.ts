import type { PriceBook } from './estimate/price-book.js';
import { chain } from './flow/build-chain.js';
import type { EventHub } from './flow/event-hub.js';
import type { LiveCall } from './flow/live-call.js';
import { respond } from './flow/respond.js';
import type { Circuits } from './policies/circuits.js';
import type { DowngradeRules } from './routing/downgrade.js';
import type { HeadroomCache } from './routing/headroom.js';
import type { HealthBoard } from './routing/health-board.js';
import type { Planner } from './routing/planner.js';
import type { Ledger } from './spec/ledger.js';
import type { Limiter } from './spec/limiter.js';
import type { Handler } from './spec/middleware.js';
import { attemptSpan } from './stages/attempt-span.js';
import { breaker } from './stages/breaker.js';
import { budget } from './stages/budget.js';
import { callProvider } from './stages/call-provider.js';
import { callSpan } from './stages/call-span.js';
import { failover } from './stages/failover.js';
import { journal } from './stages/journal.js';
import { limiter } from './stages/limiter.js';
import { meter } from './stages/meter.js';
import { plan } from './stages/plan.js';
import { retry } from './stages/retry.js';
import { structured } from './stages/structured.js';
import type { Telemetry } from './telemetry/telemetry.js';

/** Everything the stages work with. */
export interface ChainParts {
  readonly planner: Planner;
  readonly ledger: Ledger;
  readonly limiter: Limiter;
  readonly headroom: HeadroomCache;
  readonly circuits: Circuits;
  readonly health: HealthBoard;
  readonly prices: PriceBook;
  readonly events: EventHub;
  readonly telemetry: Telemetry;
  readonly downgrade: DowngradeRules;
  readonly now: () => number;
  readonly random: () => number;
}

/** THE ORDER: the whole life of a call, outermost first. */
export function buildChain(parts: ChainParts): Handler<LiveCall> {
  const { events, telemetry, now } = parts;
  const stages = chain<LiveCall>()
    .use(callSpan(telemetry)) //          one span per call, where OpenTelemetry is registered
    .use(journal(parts)) //               a call that ends before its hold leaves a row too
    .use(plan(parts)) //                  who could serve this, best first; every refusal has a reason
    .use(budget(parts)) //                hold the worst case; settle the truth, whatever ends the call
    .use(structured(parts)) //            an answer with a schema is validated, and repaired once
    .use(failover(events, now)) //        the next candidate, when this one cannot
    .use(retry(parts)) //                 the same candidate again, while the caller has seen nothing
    .use(breaker(parts)) //               do not call what is down
    .use(limiter(parts)) //               one RPM/TPM/RPD permit per physical attempt
    .use(attemptSpan(telemetry)) //       one CLIENT span and its measurements per attempt
    .use(meter(parts)) //                 time to first token, partial usage, one record per attempt
    .end(callProvider()); //              one physical request
  return respond(stages, now);
}
