import type { Environment } from './files.js';
import type { Path } from './path.js';

/** A variable that stands for a key of the configuration. */
export interface EnvironmentVariable {
  readonly name: string;
  /** The key it sets; null: the file of the SQLite ledger, an option of its plugin. */
  readonly path: Path | null;
  /** The value for that key; what does not fit is passed on for the schema to refuse. */
  readonly read: (text: string) => unknown;
  readonly meaning: string;
}

const asText = (text: string): unknown => text;

function asFlag(text: string): unknown {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  return /^(0|false|no|off)$/i.test(text) ? false : text;
}

/** Number() alone would take '' and ' ' for 0. */
function asNumber(text: string): unknown {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : text;
}

function asList(text: string): unknown {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/** The environment layer. An empty variable is not set. API keys are not among them: providers read those themselves. */
export const environmentVariables: readonly EnvironmentVariable[] = [
  { name: 'VIBE_MODEL', path: ['defaults', 'model'], read: asText, meaning: 'the model of calls that name none' },
  { name: 'VIBE_MODE', path: ['mode'], read: asText, meaning: 'best_effort or strict_budget' },
  {
    name: 'VIBE_ROUTER_POLICY',
    path: ['router', 'policy'],
    read: asText,
    meaning: 'smart, cheap, fast, quality or fixed',
  },
  { name: 'VIBE_DRY_RUN', path: ['dryRun'], read: asFlag, meaning: '1: plan everything, send nothing' },
  {
    name: 'VIBE_BUDGET_DAY_USD',
    path: ['budgets', 0, 'limitUsd'],
    read: asNumber,
    meaning: 'a budget for all calls of a day, in USD',
  },
  {
    name: 'VIBE_REGIONS',
    path: ['regions'],
    read: asList,
    meaning: 'the only regions that calls may go to: cn,sg',
  },
  { name: 'VIBE_LEDGER', path: null, read: asText, meaning: 'the file of the SQLite ledger' },
];

/** What the environment says, in the form of a config file, and which variable says it. */
export interface EnvironmentLayer {
  readonly values: Record<string, unknown>;
  /** By formatted path of the value. */
  readonly variableOf: (path: Path) => string;
  readonly ledgerPath: string | null;
}

export function readEnvironment(env: Environment): EnvironmentLayer {
  const values: Record<string, unknown> = {};
  const set: { readonly path: Path; readonly name: string }[] = [];
  let ledgerPath: string | null = null;
  for (const { name, path, read } of environmentVariables) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    if (path === null) {
      ledgerPath = text;
      continue;
    }
    set.push({ path, name });
    const [key, inner] = path;
    const value = read(text);
    if (key === 'budgets') values['budgets'] = [{ window: 'day', limitUsd: value }];
    else if (inner === undefined) values[String(key)] = value;
    else values[String(key)] = { [inner]: value };
  }
  return { values, ledgerPath, variableOf: (path) => variableFor(path, set) };
}

/** A part belongs to the variable that set it, or that set something inside of it. */
function variableFor(path: Path, set: readonly { readonly path: Path; readonly name: string }[]): string {
  const match = set.find((variable) => path.slice(0, 2).every((step, index) => variable.path[index] === step));
  return `env ${match?.name ?? ''}`;
}
