import { type StandardIssue, type StandardSchema, VibeError, windowSpan } from '@vibe/core';
import { ledgerPath } from './default-path.js';

/** Options of `sqliteLedger()`. */
export interface SqliteLedgerOptions {
  /** The database file; its folder is made where it is missing. Default: `vibe/ledger.db` in the state folder (`$XDG_STATE_HOME` or `~/.local/state`). */
  readonly path?: string;
  /** IANA zone of budgets that name none. Default: the file's own, which is this machine's when the file is made. */
  readonly timezone?: string;
  /** How long a hold outlives a process that died. A living process renews it. Default: what the hold asks for, 60 seconds in core. */
  readonly holdLeaseMs?: number;
  /** False leaves rate limits to another plugin. Default true. */
  readonly limiter?: boolean;
}

const names = ['path', 'timezone', 'holdLeaseMs', 'limiter'] as const;

export const optionsSchema: StandardSchema<SqliteLedgerOptions, SqliteLedgerOptions> = {
  '~standard': {
    version: 1,
    vendor: 'vibe',
    validate: (value) => {
      const issues = [...issuesOf(value)];
      return issues.length === 0 ? { value: value as SqliteLedgerOptions } : { issues };
    },
  },
};

function* issuesOf(value: unknown): Iterable<StandardIssue> {
  if (typeof value !== 'object' || value === null) {
    yield { message: 'expected an object' };
    return;
  }
  const { path, timezone, holdLeaseMs, limiter } = value as Record<keyof SqliteLedgerOptions, unknown>;
  for (const name of Object.keys(value)) {
    if (!(names as readonly string[]).includes(name))
      yield { path: [name], message: `unknown option; there are ${names.join(', ')}` };
  }
  if (path !== undefined)
    yield* problem('path', typeof path === 'string' ? () => ledgerPath(path) : 'expected a string');
  if (timezone !== undefined) {
    yield* problem(
      'timezone',
      typeof timezone === 'string' ? () => windowSpan('day', timezone, 0) : 'expected a string',
    );
  }
  if (
    holdLeaseMs !== undefined &&
    !(typeof holdLeaseMs === 'number' && Number.isFinite(holdLeaseMs) && holdLeaseMs >= 1)
  ) {
    yield { path: ['holdLeaseMs'], message: 'expected a number of milliseconds from 1' };
  }
  if (limiter !== undefined && typeof limiter !== 'boolean')
    yield { path: ['limiter'], message: 'expected true or false' };
}

/** `check` says why by throwing. */
function* problem(name: keyof SqliteLedgerOptions, check: string | (() => unknown)): Iterable<StandardIssue> {
  if (typeof check === 'string') {
    yield { path: [name], message: check };
    return;
  }
  try {
    check();
  } catch (error) {
    yield { path: [name], message: VibeError.from(error).message };
  }
}
