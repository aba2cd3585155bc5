export { createVibe, type Environment } from './create-vibe.js';
export { type MemoryLedgerOptions, memoryLedger } from './defaults/memory-ledger.js';
export { type MemoryLimiter, memoryLimiter } from './defaults/memory-limiter.js';
export { definePlugin, type Plugin } from './define-plugin.js';
export { type FailureRule, failurePolicy } from './errors/failure-policy.js';
export { redact, redactSecrets } from './errors/redact.js';
export { VibeError, type VibeErrorFields } from './errors/vibe-error.js';
export { audioSeconds } from './estimate/audio/audio-length.js';
export { chatCounter } from './estimate/chat-counter.js';
export { type ChatTexts, chatTexts, piecesOf } from './estimate/chat-texts.js';
export { abortSourceOf } from './flow/lazy-signal.js';
export { TransitMap } from './flow/transit-map.js';
export { formatUsd, nanoUsdOf, usdOf } from './money/nano-usd.js';
export {
  type Ask,
  type BudgetBalance,
  budgetExceeded,
  budgetRef,
  crossingsOf,
  refusalOf,
  refusalOfExtension,
  warningMark,
} from './policies/budget-admission.js';
export {
  type ChargedAttempt,
  type ChargedCall,
  chargeOfCall,
  chargeOfScope,
  isCorrectedIn,
} from './policies/budget-charge.js';
export { describeScope, noTag, scopeCounts, scopeMatches, scopeNamesTarget, tagOf } from './policies/budget-scope.js';
export { systemTimezone, type WindowSpan, windowSpan } from './policies/budget-window.js';
export { closedUntilMs } from './policies/closed-until.js';
export type { RateAnswer, RateCall, RateProgress, RateRefusal } from './policies/rate-call.js';
export { type Refused, rateLimited } from './policies/rate-limited.js';
export type { Admission } from './policies/sliding-log.js';
export { describeTarget, targetKey } from './policies/target-key.js';
export { TargetLimits, type TargetLimitsOptions } from './policies/target-limits.js';
export { type ObservedAttempt, outputTokensOf, targetStats } from './policies/target-sample.js';
export { counted, type RateAsk, zoneOf } from './policies/window-rules.js';
export { defaultRouter } from './routing/default-router.js';
export { type ConfiguredBudget, configureBudgets } from './routing/resolve-budgets.js';
export { limitsOf, patternsOfNobody } from './routing/resolve-limits.js';
export type * from './spec/index.js';
