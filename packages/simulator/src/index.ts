export type { Fault, FaultKind } from './faults/fault.js';
export type { Rule, RuleMatch } from './faults/rule.js';
export type { Outcome } from './http/player.js';
export type { SimulatorOptions } from './options.js';
export { type Simulator, startSimulator } from './simulator.js';
export { SimulatorError, type SimulatorErrorCode } from './simulator-error.js';
export type { RecordedRequest } from './watch/journal.js';
export type { SimulatorStats, Tally } from './watch/stats.js';
export type { HintForm, WireName } from './wire.js';
