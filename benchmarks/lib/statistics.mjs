const sorted = (values) => [...values].sort((left, right) => left - right);

/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const ordered = sorted(values);
  const middle = ordered.length / 2;
  return ordered.length % 2 === 1 ? ordered[Math.floor(middle)] : (ordered[middle - 1] + ordered[middle]) / 2;
}

/** The quartiles around the median: how noisy a number is. */
export function quartiles(values) {
  const ordered = sorted(values);
  const at = (share) => ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))];
  return [at(0.25), at(0.75)];
}
