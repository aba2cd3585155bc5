import { listen } from './api.js';
import { Conversation } from './conversation.js';
import { byId } from './dom.js';
import { FaultPanel } from './faults.js';
import { Gauge } from './gauge.js';
import { loadSettings } from './settings.js';

const names: Readonly<Record<string, string>> = { today: 'Today', conversation: 'This conversation' };

const gauges = new Map<string, Gauge>();
const budgets = byId('budgets', HTMLElement);
const lost = byId('lost', HTMLElement);
const faults = new FaultPanel(byId('faults', HTMLElement), byId('regions', HTMLElement), byId('circuits', HTMLElement));
const conversation = new Conversation();

function gaugeOf(id: string): Gauge {
  const gauge = gauges.get(id) ?? new Gauge(names[id] ?? id);
  gauges.set(id, gauge);
  budgets.append(gauge.element);
  return gauge;
}

listen(
  conversation.id,
  (state) => {
    lost.hidden = true;
    for (const budget of state.budgets) gaugeOf(budget.id).show(budget);
    faults.show(state);
  },
  () => (lost.hidden = false),
);
void loadSettings(() => conversation.priceAgain());
