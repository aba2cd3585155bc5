/** A number in [0, 1) that depends on its arguments alone: every policy meets the same weather. */
export function draw(...keys) {
  let hash = 2_166_136_261;
  for (const key of keys) {
    const text = String(key);
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
    hash = Math.imul(hash ^ 124, 16_777_619);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 2_246_822_507);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}

/** Log-normal with median 1. */
export function spread(sigma, ...keys) {
  const [first, second] = [draw(...keys, 'a'), draw(...keys, 'b')];
  return Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second));
}

export const between = ([from, to], part) => Math.round(from + (to - from) * part);
