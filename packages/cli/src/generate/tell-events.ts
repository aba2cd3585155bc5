import type { Vibe, Warning } from '@vibe/core';
import { printable } from '../output/printable.js';
import type { Progress } from '../output/progress.js';
import { seconds } from '../output/time.js';
import { routeName } from '../routes.js';
import type { Session } from '../session.js';

/** What a call did besides answering. */
export interface Told {
  /** Ids of the budgets that hold the call. */
  readonly budgetIds: ReadonlySet<string>;
  /** Tells a warning unless it was told before. */
  warn(warning: Warning): Promise<void>;
  /** Tells nothing any more: in a chat the next call has a teller of its own. */
  end(): void;
}

/**
 * Tells on stderr while a call runs: warnings, downgrades and waits always, because they change what the user gets;
 * retries and failovers with --verbose.
 */
export function tellEvents(vibe: Vibe, session: Session, shown: Progress): Told {
  const { colors } = session.err;
  const budgetIds = new Set<string>();
  const told = new Set<string>();
  const tell = (text: string) => {
    shown.stop();
    void session.note(colors.dim(printable(text)));
  };
  const warn = async ({ message }: Warning) => {
    if (told.has(message)) return;
    told.add(message);
    shown.stop();
    await session.note(`${colors.yellow('Warning')} ${printable(message)}`);
  };
  const listening = [
    vibe.on('hold', ({ budgets }) => {
      for (const id of budgets) budgetIds.add(id);
    }),
    vibe.on('warning', ({ warning }) => void warn(warning)),
    vibe.on('downgrade', ({ from, to, reason }) =>
      tell(`${routeName(to)} instead of ${routeName(from)}: ${firstClause(reason)}`),
    ),
    vibe.on('wait', ({ target, waitMs }) => {
      if (shown.isShown) shown.waitFor(target, waitMs);
      else tell(`Waiting ${seconds(waitMs)} for the rate limit of ${routeName(target)} · Ctrl-C stops`);
    }),
    ...(session.flags.verbose === true ? tellAttempts(vibe, tell) : []),
  ];
  return {
    budgetIds,
    warn,
    end: () => {
      for (const stop of listening) stop();
    },
  };
}

function tellAttempts(vibe: Vibe, tell: (text: string) => void): readonly (() => void)[] {
  return [
    vibe.on('retry', ({ target, attempt, delayMs, reason }) =>
      tell(`${routeName(target)} failed (${reason}); attempt ${attempt} follows in ${seconds(delayMs)}.`),
    ),
    vibe.on('failover', ({ from, to, reason }) =>
      tell(`${routeName(from)} failed (${reason}); going on with ${routeName(to)}.`),
    ),
  ];
}

/** The reason of a downgrade is the message of the refusal: its numbers would bury the answer. */
function firstClause(reason: string): string {
  return reason.split(';', 1)[0] ?? reason;
}
