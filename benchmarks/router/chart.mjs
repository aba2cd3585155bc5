const [width, height, left, right, top, bottom] = [760, 320, 60, 190, 30, 40];
const colours = ['#2563eb', '#9333ea', '#ea580c', '#16a34a', '#64748b'];

/** Lines over time as an SVG: `lines` maps a title to `[minute, value]` pairs, `marks` are phases. */
export function chart(title, unit, lines, marks) {
  const all = Object.values(lines).flat();
  const maxX = Math.max(...all.map(([x]) => x), 1);
  const [minY, maxY] = [Math.min(0, ...all.map(([, y]) => y)), Math.max(...all.map(([, y]) => y), 1e-9)];
  const x = (minute) => left + (minute / maxX) * (width - left - right);
  const y = (value) => height - bottom - ((value - minY) / (maxY - minY)) * (height - top - bottom);
  const text = (atX, atY, words, more = '') =>
    `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" ${more}>${escaped(words)}</text>`;
  const parts = [
    text(left, 18, title, 'font-weight="bold"'),
    ...marks.map(
      ({ fromMinute }) =>
        `<line x1="${x(fromMinute).toFixed(1)}" x2="${x(fromMinute).toFixed(1)}" y1="${top}" y2="${height - bottom}" stroke="#cbd5e1"/>`,
    ),
    ...[0, 0.25, 0.5, 0.75, 1].map((part) => {
      const value = minY + part * (maxY - minY);
      return text(left - 6, y(value) + 4, value.toFixed(2), 'text-anchor="end"');
    }),
    text(left, height - 10, `minutes; lines are changes of the services; ${unit}`),
    ...Object.entries(lines).flatMap(([name, points], index) => {
      const colour = colours[index % colours.length];
      const path = points.map(([minute, value]) => `${x(minute).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
      const end = points.at(-1) ?? [0, 0];
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        text(width - right + 12, top + 20 + index * 20, `${name}: ${end[1].toFixed(2)}`, `fill="${colour}"`),
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><title>${escaped(title)}</title><rect width="${width}" height="${height}" fill="#fff"/>${parts.join('')}</svg>\n`;
}

const escaped = (words) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Sums of the differences of two runs, a point a minute. */
export function regret(calls, best, startMs) {
  const points = [[0, 0]];
  let sum = 0;
  for (const [index, call] of calls.entries()) {
    sum += (call.nanoUsd - best[index].nanoUsd) / 1e9;
    const minute = Math.floor((call.atMs - startMs) / 60_000);
    if (minute >= points.length) points.push([minute, sum]);
  }
  return points;
}
