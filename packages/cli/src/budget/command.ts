import { type Command, Option } from 'commander';
import { pauseSeconds, percentage, wholeNumber } from '../flag-values.js';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';
import type { GlobalFlags } from '../session.js';
import { grouping, ranking } from './grouping.js';
import type { ReleaseFlags } from './holds.js';
import type { PeriodFlags } from './period.js';
import type { ReportFlags } from './report.js';
import type { SetFlags } from './set.js';
import type { TodayFlags } from './today.js';
import type { TopFlags } from './top.js';

/** `llm budget …`: what is spent, held and left, and where it went. */
export function addBudget(program: Command, run: Run): void {
  const budget = program.command('budget').description('What is spent, held and left, and where it went.');
  addToday(budget, run);
  addReport(budget, run);
  addTop(budget, run);
  addSet(budget, run);
  addHolds(budget, run);
  addWatch(budget, run);
  addAccuracy(budget, run);
}

function addToday(budget: Command, run: Run): void {
  todayOptions(budget.command('today', { isDefault: true }))
    .description('Budgets, calls and usage of this day.')
    .addOption(new Option('--watch [s]', 'repeat every so many seconds (default 2)').argParser(pauseSeconds))
    .addHelpText('after', `\n${todayExamples}`)
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      await refuseWords(command);
      const { watch, ...flags } = command.optsWithGlobals<GlobalFlags & Omit<TodayFlags, 'watch'> & WatchFlag>();
      const every = watch === undefined ? {} : { watch: watch === true ? defaultWatchSeconds : watch };
      return run(flags, async (session) => (await import('./today.js')).today(session, { ...flags, ...every }));
    });
}

const defaultWatchSeconds = 2;

interface WatchFlag {
  /** True: without a value. */
  readonly watch?: number | true;
}

function todayOptions(command: Command): Command {
  return command
    .option('--scope <text>', 'only budgets whose name or scope contains this')
    .option('--statusline', 'one line, for a prompt or a status bar')
    .addOption(new Option('--fail-over <percent>', 'exit code 3 when a budget is used more').argParser(percentage));
}

function addWatch(budget: Command, run: Run): void {
  todayOptions(budget.command('watch'))
    .description('The same as today, again and again; Ctrl-C ends it.')
    .addOption(
      new Option('--every <s>', 'seconds between two looks').argParser(pauseSeconds).default(defaultWatchSeconds),
    )
    .addHelpText('after', '\nExamples:\n  llm budget watch --every 5\n  llm budget watch --scope user')
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & TodayFlags & { every: number }>();
      return run(flags, async (session) =>
        (await import('./today.js')).today(session, { ...flags, watch: flags.every }),
      );
    });
}

function periodOptions(command: Command): Command {
  return command
    .addOption(new Option('--days <n>', 'the last n days, today included').argParser(wholeNumber))
    .option('--since <day>', 'first day: today, yesterday, 7d, 2w, mtd, 2026-11-22')
    .option('--until <day>', 'last day, inclusive')
    .option('--csv', 'comma-separated values with a header');
}

function addReport(budget: Command, run: Run): void {
  periodOptions(budget.command('report'))
    .description('Where the money of some days went.')
    .addOption(
      new Option(
        '--by <what>',
        'hour, day, week, month, model, provider, endpoint, unit, error, status, tag:KEY',
      ).argParser(grouping),
    )
    .option('-b, --breakdown', 'split every line into tokens, images, audio …')
    .option('--compact', 'only cost, calls and failures')
    .addHelpText('after', `\n${reportExamples}`)
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & ReportFlags>();
      return run(flags, async (session) => (await import('./report.js')).report(session, flags));
    });
}

function addTop(budget: Command, run: Run): void {
  periodOptions(budget.command('top'))
    .description('The dearest, the busiest, the slowest, or what fails most.')
    .addOption(new Option('--by <what>', 'model, provider, endpoint, unit, error, status, tag:KEY').argParser(ranking))
    .addOption(new Option('--metric <what>', 'what to rank by').choices(['cost', 'calls', 'fail', 'latency']))
    .addOption(new Option('-n, --limit <n>', 'how many lines (default 10)').argParser(wholeNumber))
    .addHelpText('after', `\n${topExamples}`)
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & TopFlags>();
      return run(flags, async (session) => (await import('./top.js')).top(session, flags));
    });
}

function addSet(budget: Command, run: Run): void {
  budget
    .command('set')
    .description('Set a limit in a config file. Asks before it raises one.')
    .argument('<budget>', 'a window (day, month, …) or the id of a budget')
    .argument('<amount>', 'the limit: 5, 5usd, $5')
    .option('--user', 'in your own file instead of the one of the project')
    .addOption(new Option('--mode <mode>', 'whether it must hold').choices(['best_effort', 'strict_budget']))
    .addOption(new Option('--warn <percent>', 'warn from this share of the limit').argParser(percentage))
    .addHelpText('after', `\n${setExamples}`)
    .action((name: string, amount: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & SetFlags>();
      return run(flags, async (session) => (await import('./set.js')).setBudget(session, name, amount, flags));
    });
}

function addHolds(budget: Command, run: Run): void {
  const holds = budget.command('holds').description('Money that calls in flight have set aside.');
  holds
    .command('list', { isDefault: true })
    .description('All open holds, of all processes.')
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      await refuseWords(command);
      return run(command.optsWithGlobals(), async (session) => (await import('./holds.js')).holds(session));
    });
  holds
    .command('release')
    .description('End a hold whose call will never be settled. Asks first.')
    .argument('[call]', 'id of the call, or the beginning or end of it')
    .option('--stale', 'all holds of dead processes')
    .option('--spent', 'book the held amount instead of nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  llm budget holds release --stale\n  llm budget holds release 019ab3 --spent --yes',
    )
    .action((callId: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & ReleaseFlags>();
      return run(flags, async (session) => (await import('./holds.js')).releaseHold(session, callId, flags));
    });
}

function addAccuracy(budget: Command, run: Run): void {
  periodOptions(budget.command('accuracy'))
    .description('How well costs were foreseen, and whether holds were large enough.')
    .addHelpText('after', '\nExamples:\n  llm budget accuracy --days 30')
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & PeriodFlags & { csv?: boolean }>();
      return run(flags, async (session) => (await import('./accuracy.js')).accuracy(session, flags));
    });
}

const todayExamples = `Examples:
  llm budget                                        the day in your time zone
  llm budget today -z UTC --json | jq .totals.cost_usd
  llm budget today --statusline                     for a prompt
  llm budget today --fail-over 80                   for a script: exit code 3 above 80 %`;

const reportExamples = `Examples:
  llm budget report                                 the last seven days
  llm budget report --since mtd --by model          this month, by model
  llm budget report --days 30 --by week --breakdown
  llm budget report --by tag:user --csv > users.csv`;

const topExamples = `Examples:
  llm budget top                                    the dearest models of the last seven days
  llm budget top --by endpoint --metric fail        which endpoint fails most
  llm budget top --by tag:user --limit 3 --days 30`;

const setExamples = `Examples:
  llm budget set day 5usd                           at most 5 USD a day
  llm budget set month 100 --user --warn 80         in your own config file
  llm budget set day 2 --mode strict_budget`;
