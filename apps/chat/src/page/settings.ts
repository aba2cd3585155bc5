import { type ModelChoice, type Models, routeNames } from '../wire.js';
import { get } from './api.js';
import { byId, h } from './dom.js';
import { usdOfDollars } from './format.js';

const model = byId('model', HTMLSelectElement);
const route = byId('route', HTMLSelectElement);
const region = byId('region', HTMLSelectElement);

/** What the user has chosen, as a request says it. */
export function chosen() {
  const regions = region.value === '' ? {} : { regions: region.value.split(',') };
  return { model: model.value, route: routeNames.find((name) => name === route.value) ?? 'smart', ...regions };
}

/** Fills the list of models, and tells when anything is chosen. */
export async function loadSettings(changed: () => void): Promise<void> {
  for (const select of [model, route, region]) select.addEventListener('change', changed);
  const { models, simulated } = await get<Models>('/api/models');
  byId('simulated', HTMLElement).hidden = !simulated;
  model.append(...models.map((choice) => h('option', { value: choice.id }, labelOf(choice))));
}

/** `qwen-plus · $0.000575`: what a short question costs at most. */
function labelOf({ id, worstCaseUsd, rpm }: ModelChoice): string {
  return `${id} · ${usdOfDollars(worstCaseUsd)}${rpm === null ? '' : ` · ${rpm} per minute`}`;
}
