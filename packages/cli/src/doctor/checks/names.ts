import { type ConfigValues, nearestName } from '@vibe/config';
import type { NamedProvider } from '../../providers/open-providers.js';
import { type Finding, finding } from '../check.js';

/** A name in the configuration, and where it stands. */
interface Used {
  readonly path: string;
  readonly name: string;
}

/** Names of models, endpoints and providers that no plugin of the configuration brings: a budget for one of them counts nothing. */
export function unknownNames(values: ConfigValues, providers: readonly NamedProvider[]): readonly Finding[] {
  if (providers.length === 0) return [];
  const { defaults, router, budgets = [] } = values;
  const known = namesOf(providers);
  const references = [
    used('defaults.model', defaults?.model),
    ...(router?.order ?? []).map((name, index) => used(`router.order[${index}]`, name)),
    ...(router?.downgrade?.steps ?? []).map((name, index) => used(`router.downgrade.steps[${index}]`, name)),
  ].flat();
  return [
    ...missing(references, known.references, 'a model'),
    ...missing(
      budgets.flatMap(({ model }, index) => used(`budgets[${index}].model`, model)),
      known.models,
      'model',
    ),
    ...missing(
      budgets.flatMap(({ provider }, index) => used(`budgets[${index}].provider`, provider)),
      known.providers,
      'a provider',
    ),
    ...missing(
      budgets.flatMap(({ endpoint }, index) => used(`budgets[${index}].endpoint`, endpoint)),
      known.endpoints,
      'an endpoint',
    ),
  ];
}

function used(path: string, name: string | undefined): Used[] {
  return name === undefined ? [] : [{ path, name }];
}

function missing(names: readonly Used[], known: ReadonlySet<string>, what: string): readonly Finding[] {
  return names
    .filter(({ name }) => !known.has(name))
    .map(({ path, name }) => {
      const meant = nearestName(name, [...known]);
      const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
      return finding('warning', `${path}: no plugin brings ${what} "${name}"${hint}`, [
        meant === null ? 'llm models list' : `llm config set ${path} ${meant}`,
      ]);
    });
}

/** Everything a model may be called by, and the plain names of the parts: a budget takes nothing else. */
function namesOf(providers: readonly NamedProvider[]) {
  const references = new Set(['auto', '*']);
  const models = new Set<string>();
  const endpoints = new Set<string>();
  const ids = new Set<string>();
  for (const { provider } of providers) {
    const { id, profile = 'default' } = provider;
    ids.add(id);
    const places = [...provider.endpoints.map((endpoint) => endpoint.id), profile];
    for (const endpoint of provider.endpoints) endpoints.add(endpoint.id);
    const names = provider.models.flatMap((model) => [model.id, ...(model.aliases ?? [])]);
    for (const name of names) models.add(name);
    for (const name of [...names, 'auto', '*']) {
      if (name !== 'auto' && name !== '*') references.add(name);
      references.add(`${id}/${name}`);
      for (const place of places) references.add(`${id}@${place}/${name}`);
    }
  }
  return { references, models, endpoints, providers: ids };
}
