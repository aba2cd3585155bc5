/** Mean overestimate and the share below, of pairs of estimate and truth. */
export function accuracyOf(pairs) {
  if (pairs.length === 0) return { over: null, below: null };
  const over = pairs.reduce((sum, { estimate, truth }) => sum + estimate / truth - 1, 0) / pairs.length;
  return { over, below: pairs.filter(({ estimate, truth }) => estimate < truth).length / pairs.length };
}

/** Of `{ held, bill, inputEstimate, inputTruth }`: cells of a row. A budget holds the bill and so much more. */
export function decisionsOf(calls, headrooms) {
  const share = (count) => (calls.length === 0 ? '–' : percent(count / calls.length));
  const median = (values) => {
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
    return sorted.length === 0 ? '–' : `${sorted[Math.floor(sorted.length / 2)].toFixed(2)}×`;
  };
  return [
    median(calls.map(({ held, bill }) => held / bill)),
    median(calls.map(({ inputEstimate, inputTruth }) => inputEstimate / inputTruth)),
    ...headrooms.map((headroom) => share(calls.filter(({ held, bill }) => held > bill * (1 + headroom)).length)),
    share(calls.filter(({ held, bill }) => held < bill).length),
  ];
}

export function percent(value) {
  return value === null ? '–' : `${(value * 100).toFixed(1)} %`;
}

export function markdownTable(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}
