/** What a first file says. Everything that is commented out is valid as it stands. */
export function yamlTemplate(layer: 'user' | 'project', schemaPath: string | null): string {
  const schema = schemaPath === null ? '' : `# yaml-language-server: $schema=${schemaPath}\n`;
  const whose =
    layer === 'project'
      ? '# Vibe for this project. It may lower what the file of its user allows, never raise it.\n# No keys here: this file is shared. Keys: llm keys set NAME, or the environment.'
      : '# Vibe for everything you do on this machine. A project may be stricter than this file, never laxer.\n# Keys are kept beside it: llm keys set NAME.';
  return `${schema}${whose}
# What holds, and where it comes from: llm config show. Whether all is well: llm doctor.

plugins:
  - '@vibe/provider-qwen' #      DASHSCOPE_API_KEY
  - '@vibe/provider-gemini' #    GEMINI_API_KEY
  - '@vibe/ledger-sqlite' #      where every call is written down
  - '@vibe/pricing-registry' #   what it costs
  # A second account of the same provider, with a key of its own:
  # - { name: '@vibe/provider-qwen', options: { profile: work, region: sg, keyEnv: WORK_DASHSCOPE_KEY } }

# strict_budget: nothing that does not fit is ever sent. best_effort: refused as far as this process knows.
mode: best_effort

# Limits on money; all of them count.
budgets:
  - { window: day, limitUsd: 5, warnAt: [0.8] }
  # - { window: run, limitUsd: 0.5, tags: { run: '*' } }

# Requests and tokens per minute that your account has; calls wait for a free slot.
# limits:
#   'qwen-plus': { rpm: 60, tpm: 100000 }

# The only regions that any call may go to.
# regions: [cn]

# How a model is chosen when a call leaves the choice: smart, cheap, fast, quality, or fixed with an order.
# router:
#   policy: smart
#   downgrade: { allow: true, minTier: standard }

# defaults:
#   model: auto
#   maxWaitMs: 30000
#   retry: { attempts: 4, budgetMs: 60000 }
`;
}

/** JSON has no comments. */
export function jsonTemplate(schemaPath: string | null): string {
  const file = {
    ...(schemaPath !== null && { $schema: schemaPath }),
    plugins: ['@vibe/provider-qwen', '@vibe/provider-gemini', '@vibe/ledger-sqlite', '@vibe/pricing-registry'],
    mode: 'best_effort',
    budgets: [{ window: 'day', limitUsd: 5, warnAt: [0.8] }],
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}
