import { exitCodes } from '../exit-codes.js';

/** What is about no single command: `llm help TOPIC`. */
export interface Topic {
  readonly name: string;
  readonly about: string;
  text(): Promise<string>;
}

export const topics: readonly Topic[] = [
  { name: 'environment', about: 'variables that llm reads', text: environmentText },
  { name: 'exit-codes', about: 'what the exit code says to a script', text: async () => exitCodesText },
  { name: 'formatting', about: 'tables, pipes, CSV and JSON', text: async () => formattingText },
  { name: 'dates', about: 'what --since, --until and --before take', text: async () => datesText },
];

const exitCodesText = `Exit codes: what a script can tell a failure by.

${listed([
  [exitCodes.ok, 'it worked; an empty report is no error, and neither is a reader that went away (| head -1)'],
  [exitCodes.error, 'something else, or nobody can serve such a call'],
  [exitCodes.usage, 'wrong command or flags, or a request that no provider would take'],
  [exitCodes.budget, 'a budget refused the call, or --fail-over was passed'],
  [exitCodes.auth, 'a key is missing or was refused'],
  [exitCodes.rateLimit, 'a rate limit or a quota had no room in time'],
  [exitCodes.provider, 'the provider or the network failed, after retries'],
  [exitCodes.config, 'a config file is wrong'],
  [exitCodes.integrity, 'a sum of the ledger does not follow from its events'],
  [exitCodes.doctor, 'llm doctor found something wrong'],
  [exitCodes.hungUp, 'ended by the end of its terminal'],
  [exitCodes.interrupted, 'ended by Ctrl-C; a running call was cancelled, settled and written down'],
  [exitCodes.terminated, 'ended by a request to terminate, in the same way'],
])}

Each error has a code of its own beside it: with --json it is error.code on stderr, and its page is docs/errors/<code>.md.
`;

const formattingText = `Formatting: what is printed for people, and what for programs.

  on a terminal   tables as wide as it is: columns are left out, names shortened, numbers never
  in a pipe       tab-separated, one header line, exact numbers, no colours, no bars; also --plain
  --csv           comma-separated (RFC 4180); a text that a spreadsheet would run as a formula gets a ' before it
  --json          one envelope: schema, generated_at, timezone, query, rows, totals, warnings
  --statusline    one line for a prompt (llm budget today)

Answers, tables and JSON go to stdout, everything else to stderr, so that > and | take the answer alone. With --json an
error is one line on stderr and stdout stays empty. Money in JSON is a decimal text (cost_usd) and the exact integer in
billionths of a dollar (cost_nano_usd). What is unknown is null, an empty cell or –, never 0; ~ marks a sum that holds an
estimate.

Colours: --color, --no-color, NO_COLOR, FORCE_COLOR. Characters: --ascii, or LC_ALL=C. Width: COLUMNS.
`;

const datesText = `Dates: what --since, --until and --before take. Days begin at midnight of -z/--timezone, else of the ledger's zone;
--until is inclusive.

${listed([
  ['today, yesterday', 'that day'],
  ['7d, 2w', 'the day six, or thirteen, days before today: with it the last 7 days, or 2 weeks'],
  ['mtd', 'the first of this month'],
  ['2026-11-22, 20261122', 'that day'],
  ['2026-11-22T08:00Z', 'that instant; with an offset: 2026-11-22T08:00+08:00'],
])}

--days N is short for the last N days, today included.
`;

async function environmentText(): Promise<string> {
  const { environmentVariables } = await import('@vibe/config');
  return `Environment: variables that llm reads. Flags come before them, config files after.

${listed(environmentVariables.map(({ name, meaning }) => [name, meaning]))}

Keys of services are read from the variable that their provider names: llm keys list.

${listed([
  ['NO_COLOR, FORCE_COLOR', 'no colours; colours in a pipe too'],
  ['TERM=dumb, LC_ALL=C', 'bars and rules in ASCII, no line that moves'],
  ['COLUMNS', 'how wide tables are'],
  ['TZ', 'the zone of this machine'],
  ['XDG_CONFIG_HOME', 'your own config file: $XDG_CONFIG_HOME/vibe/config.yaml, else below ~/.config'],
  ['XDG_STATE_HOME', 'the ledger: $XDG_STATE_HOME/vibe/ledger.db, else below ~/.local/state'],
  ['VIBE_DEBUG', '1: every decision of a call on stderr'],
])}
`;
}

function listed(lines: readonly (readonly [name: string | number, meaning: string])[]): string {
  const width = Math.max(...lines.map(([name]) => String(name).length));
  return lines.map(([name, meaning]) => `  ${String(name).padEnd(width)}   ${meaning}`).join('\n');
}
