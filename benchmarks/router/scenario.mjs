import { readFileSync } from 'node:fs';
import { between, draw } from './random.mjs';

const minuteMs = 60_000;
/** Prices are those of the registry on this day. */
export const startMs = Date.parse('2026-11-20T08:00:00Z');

/** A scenario file; the format is in docs/benchmarks.md. */
export function readScenario(path) {
  const scenario = JSON.parse(readFileSync(path, 'utf8'));
  for (const key of ['name', 'minutes', 'callsPerSecond', 'candidates', 'workload', 'phases']) {
    if (scenario[key] === undefined) throw new Error(`${path}: ${key} is missing`);
  }
  const names = new Set(scenario.candidates.map(({ name }) => name));
  for (const { name: phase, changes = {} } of scenario.phases) {
    for (const name of Object.keys(changes))
      if (!names.has(name)) throw new Error(`${path}: phase ${phase} names ${name}, which is no candidate`);
  }
  return scenario;
}

/** All calls of a run, in the order of their time. */
export function callsOf({ minutes, callsPerSecond, workload }, seed) {
  const calls = [];
  const endMs = startMs + minutes * minuteMs;
  for (let atMs = startMs; ; ) {
    const index = calls.length;
    atMs += (-Math.log(1 - draw(seed, index, 'gap')) * 1_000) / callsPerSecond;
    if (atMs >= endMs) return calls;
    calls.push({ index, atMs, ...kindOf(workload, draw(seed, index, 'kind'), seed, index) });
  }
}

function kindOf(workload, part, seed, index) {
  const total = workload.reduce((all, { share }) => all + share, 0);
  let rest = part * total;
  const entry =
    workload.find(({ share }) => {
      rest -= share;
      return rest < 0;
    }) ?? workload.at(-1);
  return {
    kind: entry.kind,
    minTier: entry.minTier,
    maxOutputTokens: entry.maxOutputTokens,
    inputTokens: between(entry.inputTokens, draw(seed, index, 'in')),
    outputTokens: between(entry.outputTokens, draw(seed, index, 'out')),
  };
}

/** The phase a moment lies in, and what holds for a candidate then. */
export class Weather {
  #phases;
  #candidates;

  constructor({ phases, candidates }) {
    this.#phases = phases;
    this.#candidates = new Map(candidates.map((candidate) => [candidate.name, candidate]));
  }

  phaseAt(nowMs) {
    const minute = (nowMs - startMs) / minuteMs;
    let current = 0;
    for (const [index, { fromMinute }] of this.#phases.entries()) if (minute >= fromMinute) current = index;
    return current;
  }

  /** When the next phase begins; null in the last one. */
  nextPhaseMs(nowMs) {
    const next = this.#phases[this.phaseAt(nowMs) + 1];
    return next === undefined ? null : startMs + next.fromMinute * minuteMs;
  }

  of(name, nowMs) {
    const changes = this.#phases[this.phaseAt(nowMs)].changes?.[name] ?? {};
    const usual = { failRate: 0, latencyFactor: 1, priceFactor: 1, verbosity: 1, spread: 0.35 };
    return { ...usual, ...this.#candidates.get(name), ...changes };
  }
}
