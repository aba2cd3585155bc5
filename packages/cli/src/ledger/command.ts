import { type Command, Option } from 'commander';
import { signedUsd, wholeNumber } from '../flag-values.js';
import type { Run } from '../program.js';
import type { GlobalFlags } from '../session.js';
import type { CompactFlags } from './compact.js';
import type { ExportFlags } from './export.js';
import type { RerateFlags } from './rerate.js';

/** `llm ledger`: the file the money is counted in. */
export function addLedger(program: Command, run: Run): void {
  const ledger = program.command('ledger').description('The file the money is counted in: look, check, copy, mend.');
  const simple = (name: 'path' | 'stats' | 'verify' | 'rebuild', description: string, examples = '') =>
    ledger
      .command(name)
      .description(description)
      .addHelpText('after', examples === '' ? '' : `\nExamples:\n${examples}`)
      .action((_flags: unknown, command: Command) =>
        run(command.optsWithGlobals(), async (session) => (await import('./commands.js'))[name](session)),
      );
  simple('path', 'Where it is.', '  sqlite3 "$(llm ledger path)" .schema');
  simple('stats', 'Its size, and how much is in it.');
  simple('verify', 'Check that every sum follows from the events; exit code 8 when one does not.');
  simple('rebuild', 'Compute all sums anew from the events. Asks first.');
  addCompact(ledger, run);
  addRerate(ledger, run);
  ledger
    .command('export')
    .description('All attempts, oldest first.')
    .addOption(new Option('--format <format>', 'how').choices(['csv', 'json', 'ndjson']).default('csv'))
    .option('--since <day>', 'first day: today, 7d, mtd, 2026-11-22')
    .option('--until <day>', 'last day, inclusive')
    .option('-o, --output <file>', 'where to; default stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  llm ledger export --since mtd -o november.csv\n  llm ledger export --format ndjson | jq .model',
    )
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & ExportFlags>();
      return run(flags, async (session) => (await import('./export.js')).exportLedger(session, flags));
    });
  ledger
    .command('backup')
    .description('A copy as of one moment, while others write.')
    .argument('<file>', 'where to; it must not exist yet')
    .addHelpText('after', '\nExamples:\n  llm ledger backup ledger-2026-11-22.db')
    .action((file: string, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./commands.js')).backup(session, file)),
    );
  ledger
    .command('correct')
    .description('Change what a settled call was charged, by an entry of its own. Asks first.')
    .argument('<call>', 'id of the call, or the beginning or end of it')
    .addOption(new Option('--by <usd>', 'the difference: 0.05 or -0.05').argParser(signedUsd).makeOptionMandatory())
    .requiredOption('--reason <text>', 'why; kept with the entry')
    .addHelpText('after', '\nExamples:\n  llm ledger correct 019ab3 --by=-0.02 --reason "charged at the old price"')
    .action((callId: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & { by: number; reason: string }>();
      return run(flags, async (session) => (await import('./correct.js')).correct(session, callId, flags));
    });
}

function addRerate(ledger: Command, run: Run): void {
  ledger
    .command('rerate')
    .description('Price calls again by the list of today; after a yes the differences become corrections.')
    .requiredOption('--since <day>', 'first day: today, 7d, mtd, 2026-11-22')
    .option('--until <day>', 'last day, inclusive')
    .option('--reason <text>', 'why; kept with each correction')
    .option('--skip-corrected', 'leave calls alone that were corrected before')
    .option('--dry-run', 'say what would change')
    .addHelpText('after', `\n${rerateExamples}`)
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & RerateFlags>();
      return run(flags, async (session) => (await import('./rerate.js')).rerate(session, flags));
    });
}

const rerateExamples = `Each attempt is priced at its own time, by what the list says now about that time: after
prices were missing, wrong, or negotiated with effect from a past day. Rows are never edited.

Examples:
  llm ledger rerate --since mtd --dry-run
  llm ledger rerate --since 2026-11-01 --reason "contract of November" --yes`;

function addCompact(ledger: Command, run: Run): void {
  ledger
    .command('compact')
    .description('Give back unused space; with a day keep only the sums of older calls. Asks first.')
    .option('--before <day>', 'calls from before this day: 2026-09-01, mtd, 90d')
    .addOption(new Option('--keep-days <n>', 'calls from before the last n days').argParser(wholeNumber))
    .option('--dry-run', 'say what would be done')
    .option('--no-backup', 'do not copy the ledger first')
    .addHelpText('after', `\n${compactExamples}`)
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & CompactFlags>();
      return run(flags, async (session) => (await import('./compact.js')).compact(session, flags));
    });
}

const compactExamples = `Without a day nothing is deleted. With one, reports, budgets and totals say the same as before, to
the quarter hour; rows, ids, texts of errors and idempotency keys of those calls are gone. Export
them first: llm ledger export

Examples:
  llm ledger compact                                unused space only
  llm ledger compact --keep-days 90 --dry-run       what would go
  llm ledger compact --before 2026-09-01 --yes`;
