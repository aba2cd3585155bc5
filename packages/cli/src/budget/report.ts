import type { ReportGrouping } from '@vibe/core';
import { isFileBooks, withBooks } from '../books.js';
import { exitCodes } from '../exit-codes.js';
import { print } from '../output/print.js';
import type { Session } from '../session.js';
import { isTime } from './grouping.js';
import { type PeriodFlags, periodBefore, periodOf } from './period.js';
import { reportJson, reportSheet } from './report-data.js';
import { filled } from './report-labels.js';
import { reportText } from './report-text.js';
import { defaultDays, emptyText, isEmpty, type Spending } from './spending.js';

export interface ReportFlags extends PeriodFlags {
  readonly by?: ReportGrouping;
  readonly breakdown?: boolean;
  readonly compact?: boolean;
  readonly csv?: boolean;
}

/** `llm budget report`: where the money of some days went. */
export async function report(session: Session, flags: ReportFlags): Promise<number> {
  return withBooks(session, async (books) => {
    const { timezone } = books;
    const nowMs = session.world.now();
    const by = flags.by ?? 'day';
    const period = periodOf(flags, timezone, nowMs, defaultDays);
    const breakdown = flags.breakdown === true;
    const found = await books.report({ ...period, by, timezone, ...(breakdown && { breakdown }) });
    const before = session.tables
      ? await books.report({ ...periodBefore(period, timezone), by: 'status', timezone })
      : null;
    const rows = isTime(by) ? filled(found, by) : found.rows;
    const spending: Spending = { by, period, timezone, nowMs, report: { ...found, rows }, before, breakdown };
    const printout = {
      json: () => reportJson(spending),
      sheet: () => reportSheet(spending),
      text: () => reportText(session, spending, flags.compact === true),
      empty: isEmpty(found) ? () => emptyText(spending, isFileBooks(books) ? books.path : null) : null,
    };
    await print(session, printout, flags.csv === true);
    return exitCodes.ok;
  });
}
