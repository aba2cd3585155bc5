import type { FaultName, LiveState, RegionState } from '../wire.js';
import { post } from './api.js';
import { fill, h } from './dom.js';
import { targetName } from './format.js';

const faultLabels: Readonly<Record<FaultName, string>> = {
  rate_limit: 'answers 429',
  outage: 'is down (503)',
  slow: 'is slow',
  truncated: 'cuts answers off',
};

const regionNames: Readonly<Record<string, string>> = {
  cn: 'Qwen in Beijing (cn)',
  sg: 'Qwen in Singapore (sg)',
  global: 'Gemini (global)',
};

const circuitWords = {
  closed: 'closed: called again',
  open: 'open: not called',
  half_open: 'half open: one call probes',
};

/** The panel that breaks things: one choice per simulated region, and what the breaker makes of it. */
export class FaultPanel {
  readonly #regions: HTMLElement;
  readonly #circuits: HTMLElement;
  readonly #section: HTMLElement;
  #shown = '';

  constructor(section: HTMLElement, regions: HTMLElement, circuits: HTMLElement) {
    this.#section = section;
    this.#regions = regions;
    this.#circuits = circuits;
  }

  show({ regions, circuits }: LiveState): void {
    this.#section.hidden = regions.length === 0;
    // Not while nothing has changed: a select that is open in somebody's hand would close.
    const shown = JSON.stringify(regions);
    if (shown !== this.#shown) fill(this.#regions, ...regions.map(regionChoice));
    this.#shown = shown;
    const lines = circuits.map(({ target, state }) =>
      h('li', { 'data-state': state }, h('span', { class: 'target' }, targetName(target)), ` ${circuitWords[state]}`),
    );
    fill(this.#circuits, ...(lines.length > 0 ? lines : [h('li', { class: 'quiet' }, 'All endpoints are well.')]));
  }
}

function regionChoice({ region, fault }: RegionState): HTMLElement {
  const choose = h('select', { onchange: () => void breakRegion(region, choose.value) });
  const choices = [['', 'works'], ...Object.entries(faultLabels)] as const;
  choose.append(
    ...choices.map(([value, label]) => h('option', { value, selected: value === (fault ?? '') }, label ?? '')),
  );
  return h(
    'label',
    { class: fault === null ? 'region' : 'region broken' },
    h('span', {}, regionNames[region] ?? region),
    choose,
  );
}

async function breakRegion(region: string, fault: string): Promise<void> {
  await post('/api/faults', { region, fault: fault === '' ? null : fault });
}
