import { nearestName, variableName } from '@vibe/config';
import type { Endpoint, Provider } from '@vibe/core';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** The variable that a name means: itself, or that of a provider's endpoint (`qwen`, `qwen@sg`, `qwen@work`). */
export async function variableOf(session: Session, name: string): Promise<string> {
  if (/^[A-Z_][A-Z0-9_]*$/.test(name)) return name;
  let variable: string | null = null;
  await withPlugins(session, async ({ providers }) => {
    variable = variableAmong(
      providers.map(({ provider }) => provider),
      name,
    );
    return 0;
  });
  if (variable !== null && variableName.test(variable)) return variable;
  throw new UsageError(`${name} takes no key, or one that only its configuration knows.`, ['llm keys list']);
}

function variableAmong(providers: readonly Provider[], name: string): string | null {
  const [id = '', place] = name.split('@');
  const own = providers.filter((provider) => provider.id === id);
  const endpoints = own.flatMap((provider) =>
    provider.endpoints
      .filter((endpoint) => isMeant(provider, endpoint, place))
      .map((endpoint) => endpoint.keyName ?? null),
  );
  const [variable] = endpoints;
  if (variable !== undefined) return variable;
  const names = providers.flatMap((provider) => [
    provider.id,
    ...provider.endpoints.map((each) => `${provider.id}@${each.id}`),
  ]);
  const meant = nearestName(name, [...new Set(names)]);
  const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
  throw new UsageError(`"${name}" is no provider of the configuration, and no variable${hint}.`, [
    `llm keys set ${meant ?? names[0] ?? 'DASHSCOPE_API_KEY'}`,
    'llm keys list',
  ]);
}

/** Without a place the first endpoint of the default profile is meant. */
function isMeant({ profile = 'default' }: Provider, { id }: Endpoint, place: string | undefined): boolean {
  return place === undefined ? profile === 'default' : id === place || profile === place;
}
