import type { ReportGrouping } from '@vibe/core';
import { InvalidArgumentError } from 'commander';

const times = ['hour', 'day', 'week', 'month'] as const;
const things = ['model', 'provider', 'endpoint', 'unit', 'error', 'status'] as const;

export type TimeGrouping = (typeof times)[number];

export function isTime(by: ReportGrouping): by is TimeGrouping {
  return (times as readonly string[]).includes(by);
}

/** Value of `--by` of a report. */
export function grouping(text: string): ReportGrouping {
  return groupingOf(text, [...times, ...things]);
}

/** Value of `--by` of a ranking. */
export function ranking(text: string): ReportGrouping {
  return groupingOf(text, things);
}

function groupingOf(text: string, names: readonly string[]): ReportGrouping {
  if (names.includes(text)) return text as ReportGrouping;
  if (/^tag:./s.test(text)) return text as ReportGrouping;
  // What people call the tags they use most.
  if (text === 'user' || text === 'project' || text === 'team' || text === 'run') return `tag:${text}`;
  throw new InvalidArgumentError(`It takes ${names.join(', ')} or tag:KEY, such as tag:user.`);
}
