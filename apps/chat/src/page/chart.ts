import { type Child, h, svg } from './dom.js';

/** One colour per part, then the rest together; the colours are in report.css. */
export const maxParts = 7;

/** A bar with its parts, from the bottom up. */
export interface Bar {
  readonly label: string;
  /** Said in full where there is room: in the tip and for screen readers. */
  readonly title: string;
  readonly parts: readonly number[];
  /** Drawn hatched on top: money that is held. */
  readonly held: number;
}

export interface StackedBars {
  readonly title: string;
  readonly names: readonly string[];
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
  /** Nothing is between two whole numbers. */
  readonly isWhole: boolean;
  /** The numbers beside the lines, which are so far apart. */
  readonly axis: (value: number, step: number) => string;
}

const height = 260;
const margin = { top: 12, right: 8, bottom: 26 };
/** Of one character beside the lines, and between the longest text and the chart. */
const characterWidth = 7.2;
const gap = 6;
const ticks = 4;
const labelWidth = 52;

/** Stacked bars over time, as wide as there is room. The table of the same numbers is beside it. */
export function stackedBars({ title, names, bars, format, isWhole, axis }: StackedBars, width: number): SVGSVGElement {
  const highest = Math.max(...bars.map(totalOf), 0);
  const tick = niceTop(isWhole ? Math.ceil(highest / ticks) : highest / ticks);
  const top = tick * ticks;
  const texts = Array.from({ length: ticks + 1 }, (_, index) => axis(tick * index, tick));
  const left = Math.max(...texts.map(({ length }) => length * characterWidth)) + gap;
  const inner = { width: Math.max(1, width - left - margin.right), height: height - margin.top - margin.bottom };
  const y = (value: number) => margin.top + inner.height * (1 - (top === 0 ? 0 : value / top));
  const step = inner.width / Math.max(1, bars.length);
  const every = Math.ceil(labelWidth / step);
  return svg(
    'svg',
    { class: 'chart', width, height, role: 'img', 'aria-label': title },
    hatching(),
    ...texts.map((text, index) => gridLine(text, left, y(tick * index), width)),
    ...bars.flatMap((bar, index) => {
      const x = left + index * step;
      const label = svg('text', { class: 'axis', x: x + step / 2, y: height - 8, 'text-anchor': 'middle' }, bar.label);
      return [column(bar, x + step * 0.12, step * 0.76, y, names, format), index % every === 0 && label];
    }),
  );
}

function totalOf({ parts, held }: Bar): number {
  return parts.reduce((sum, part) => sum + part, held);
}

function column(
  bar: Bar,
  x: number,
  width: number,
  y: (value: number) => number,
  names: readonly string[],
  format: (value: number) => string,
): SVGGElement {
  let below = 0;
  const boxes: Child[] = [];
  const tip = [bar.title];
  const stack = (value: number, colour: string, name: string) => {
    if (value <= 0) return;
    const from = below;
    below += value;
    boxes.push(svg('rect', { class: colour, x, width, y: y(below), height: Math.max(0.5, y(from) - y(below)) }));
    tip.push(`${name}: ${format(value)}`);
  };
  for (const [index, part] of bar.parts.entries()) stack(part, colourOf(index), names[index] ?? '');
  stack(bar.held, 'held', 'held now');
  return svg('g', {}, svg('title', {}, tip.join('\n')), ...boxes);
}

function gridLine(text: string, left: number, y: number, width: number): SVGGElement {
  return svg(
    'g',
    { class: 'grid' },
    svg('line', { x1: left, x2: width - margin.right, y1: y, y2: y }),
    svg('text', { class: 'axis', x: left - gap, y: y + 4, 'text-anchor': 'end' }, text),
  );
}

/** What is held is hatched, as on the gauges. */
function hatching(): SVGDefsElement {
  const line = svg('path', { d: 'M0 6L6 0', class: 'hatch' });
  return svg('defs', {}, svg('pattern', { id: 'hatched', width: 6, height: 6, patternUnits: 'userSpaceOnUse' }, line));
}

export function colourOf(index: number): string {
  return `part-${Math.min(index, maxParts)}`;
}

/** The next round number. */
export function niceTop(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value) ?? 10;
  return factor * power;
}

/** A bar in a cell of a table, and the number beside it. */
export function cellBar(share: number, text: string, kind: 'share' | 'bad' = 'share'): HTMLElement {
  const fill = h('span', { class: 'fill' });
  fill.style.width = `${Math.min(1, Math.max(0, share)) * 100}%`;
  return h(
    'span',
    { class: `cell-bar ${kind}` },
    h('span', { class: 'track', 'aria-hidden': true }, fill),
    h('span', {}, text),
  );
}
