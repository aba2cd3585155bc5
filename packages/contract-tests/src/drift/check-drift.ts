import { type Shape, shapeOf } from './shape.js';

/** What a provider's adapter relies on in one kind of answer, such as a streamed chat or the end of an upload. */
export interface KindShape {
  /**
   * The fields the adapter reads, by path (`candidates[].finishReason`), with their types: `string`, or several with `|`.
   * Every one of them is somewhere in any traffic of this kind.
   */
  readonly reads: Readonly<Record<string, string>>;
  /**
   * Fields the adapter reads where they come, with their types: counts that only some answers have, ways of other models.
   * That one is missing says nothing; one of another type is a failure.
   */
  readonly optional?: Readonly<Record<string, string>>;
  /** Fields the service is known to send and the adapter does not need. */
  readonly knows?: readonly string[];
  /** Paths below which keys are the user's own, such as the arguments of a function. */
  readonly opaque?: readonly string[];
}

/** The shape of the answers that a provider was written for. Plain data, so that a provider can publish its own. */
export interface DriftSnapshot {
  readonly provider: string;
  readonly kinds: Readonly<Record<string, KindShape>>;
}

/** Answers of one kind: whole bodies, or the events of streams. */
export interface DriftTraffic {
  readonly kind: string;
  readonly documents: readonly unknown[];
}

/** `info`: a new field. `warning`: an unread field is gone. `failure`: a field the adapter reads is gone or retyped. */
export interface DriftFinding {
  readonly level: 'info' | 'warning' | 'failure';
  readonly kind: string;
  readonly path: string;
  readonly message: string;
}

export interface DriftReport {
  /** No failures. */
  readonly ok: boolean;
  /** Failures first. */
  readonly findings: readonly DriftFinding[];
}

const order = { failure: 0, warning: 1, info: 2 } as const;

/** Compares new traffic with what the adapter was written for. Traffic of a kind that the snapshot does not know fails. */
export function checkDrift(snapshot: DriftSnapshot, traffic: readonly DriftTraffic[]): DriftReport {
  const findings = traffic.flatMap(({ kind, documents }) => {
    const expected = snapshot.kinds[kind];
    if (expected === undefined)
      return [finding('failure', kind, '', `the snapshot of ${snapshot.provider} has no such kind`)];
    if (documents.length === 0) return [finding('failure', kind, '', 'there is no traffic to compare')];
    return compare(kind, expected, shapeOf(documents, expected.opaque));
  });
  findings.sort((first, second) => order[first.level] - order[second.level]);
  return { ok: findings.every(({ level }) => level !== 'failure'), findings };
}

function compare(kind: string, expected: KindShape, shape: Shape): DriftFinding[] {
  const { reads, optional = {}, knows = [], opaque = [] } = expected;
  const findings: DriftFinding[] = [];
  for (const [path, wanted] of Object.entries({ ...optional, ...reads })) {
    const seen = shape.get(path);
    const allowed = wanted.split('|');
    const odd = [...(seen ?? [])].filter((type) => !allowed.includes(type));
    if (seen === undefined && path in reads)
      findings.push(finding('failure', kind, path, 'the adapter reads it, and it is gone'));
    else if (odd.length > 0)
      findings.push(finding('failure', kind, path, `the adapter reads a ${wanted}, and it came as ${odd.join(', ')}`));
  }
  for (const path of knows)
    if (!shape.has(path)) findings.push(finding('warning', kind, path, 'it is gone; nothing reads it'));
  const known = new Set([...Object.keys(reads), ...Object.keys(optional), ...knows, ...opaque].flatMap(withParents));
  for (const [path, types] of shape) {
    if (!known.has(path) && !path.endsWith('[]'))
      findings.push(finding('info', kind, path, `it is new: ${[...types].join(', ')}`));
  }
  return findings;
}

/** A field is known with everything it lies in. */
function withParents(path: string): string[] {
  const ends = [...path.matchAll(/\[\]|\./g)].map(({ index }) => path.slice(0, index));
  return [...ends, path];
}

function finding(level: DriftFinding['level'], kind: string, path: string, message: string): DriftFinding {
  return { level, kind, path, message };
}

/** The report as lines for a log. */
export function describeDrift({ findings }: DriftReport): string {
  return findings.map(({ level, kind, path, message }) => `${level}: ${kind} $.${path}: ${message}`).join('\n');
}
