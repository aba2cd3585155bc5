import { VibeError } from '../errors/vibe-error.js';
import type { ReportQuery } from '../spec/report.js';
import { bad, boolean, type Check, oneOf, shape, timezone } from './checks.js';

const groupings = [
  'hour',
  'day',
  'week',
  'month',
  'provider',
  'model',
  'endpoint',
  'unit',
  'status',
  'error',
  'tag:NAME',
] as const;

const grouping: Check = (value, path) => {
  if (typeof value !== 'string' || !/^tag:./s.test(value)) oneOf(...groupings)(value, path);
};

const moment: Check = (value, path) => {
  if (typeof value !== 'number' || Number.isNaN(value)) throw bad(path, 'a time in epoch milliseconds', value);
};

const reportQuery = shape({ sinceMs: moment, untilMs: moment, by: grouping, breakdown: boolean, timezone });

/** What `report` accepts. A misspelt `sinceMs` would otherwise be today, and a grouping that is none another one. */
export function checkReportQuery(query: ReportQuery): void {
  try {
    reportQuery(query, 'query');
  } catch (thrown) {
    const { message, details, next } = VibeError.from(thrown);
    throw new VibeError('invalid_request', message, { details, next });
  }
}
