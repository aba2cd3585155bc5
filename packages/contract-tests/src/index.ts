export { type Breakage, breakField } from './drift/break-field.js';
export {
  checkDrift,
  type DriftFinding,
  type DriftReport,
  type DriftSnapshot,
  type DriftTraffic,
  describeDrift,
  type KindShape,
} from './drift/check-drift.js';
export { type Outcome, readPaths } from './drift/read-paths.js';
export { type JsonType, type Shape, shapeOf } from './drift/shape.js';
export { ledgerContract } from './ledger/ledger-contract.js';
export type { LedgerContractOptions, LedgerEnvironment, LedgerSubject } from './ledger/subject.js';
export type { LimiterContractOptions, LimiterEnvironment, LimiterSubject } from './limiter/bench.js';
export { limiterContract } from './limiter/limiter-contract.js';
export type { KnownModel, PricingContractOptions } from './pricing/bench.js';
export { pricingContract } from './pricing/pricing-contract.js';
export { providerContract } from './provider/provider-contract.js';
export {
  type SimulatedFault,
  type SimulatedService,
  type SimulatedStats,
  type SimulatedSubjectOptions,
  simulatedSubject,
} from './provider/simulated-subject.js';
export type {
  Answering,
  Held,
  Limited,
  Said,
  ServiceRequest,
  Situation,
  SituationName,
  Situations,
  SituationTypes,
} from './provider/situations.js';
export type { ProviderContractOptions, ProviderSubject } from './provider/subject.js';
export { type RouterContractOptions, routerContract } from './router/router-contract.js';
export type { TestRunner } from './runner.js';
