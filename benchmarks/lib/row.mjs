import { titleOf } from '../contenders/index.mjs';
import { median, quartiles } from './statistics.mjs';

export const atMost = (limit, unit) => ({ unit, text: `≤ ${limit}${space(unit)}`, holds: (value) => value <= limit });
export const atLeast = (limit, unit) => ({ unit, text: `≥ ${limit}${space(unit)}`, holds: (value) => value >= limit });
export const exactly = (wanted, unit) => ({
  unit,
  text: `${wanted}${space(unit)}`,
  holds: (value) => value === wanted,
});
/** A number that nothing is asked of. */
export const information = (unit) => ({ unit, text: '', holds: null });

const space = (unit) => (/^[×%]?$/.test(unit) ? unit : ` ${unit}`);

/** One line of the table. `note` and `comparison` are text, `details` go into the JSON. */
export const row = (what, value, target, { note = '', comparison = '', details } = {}) => ({
  what,
  value,
  unit: target.unit,
  measured: `${rounded(value)}${space(target.unit)}${note === '' ? '' : ` (${note})`}`,
  target: target.text,
  ok: target.holds === null ? null : target.holds(value),
  comparison,
  ...(details !== undefined && { details }),
});

/** Whole numbers and large ones without decimals. */
export const rounded = (value) =>
  Number.isInteger(value) || Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);

/** Makes rows of interleaved results: one field of a contender against the yardstick of the same round, median of the rounds. */
export const ratioRow =
  (results, yardstick, peers, perCount = 1) =>
  (what, name, field, target) => {
    const costs = (who) => results[who].map((result) => result[field] / result.count / perCount);
    const ratios = (who) => costs(who).map((cost, round) => cost / costs(yardstick)[round]);
    const [low, high] = quartiles(ratios(name));
    const own = median(costs(name));
    return row(what, median(ratios(name)), target, {
      note: `${rounded(own)} against ${rounded(median(costs(yardstick)))} µs, quartiles ${rounded(low)}–${rounded(high)}`,
      // Peers have one configuration: they stand beside the full one.
      comparison:
        name === 'vibe' && target.holds !== null
          ? peers.map((peer) => `${titleOf(peer)} ${rounded(median(ratios(peer)))}`).join(', ')
          : '',
      details: Object.fromEntries(Object.keys(results).map((who) => [who, costs(who)])),
    });
  };
