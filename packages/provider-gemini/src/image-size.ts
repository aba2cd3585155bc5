import type { Warning } from '@vibe/core';
import { unsupported } from '@vibe/provider-kit';

/** The ratio of width and height that comes nearest to a size such as `1280x720`. */
export function nearestRatio<Ratio extends string>(
  size: string,
  ratios: readonly [Ratio, ...Ratio[]],
): { readonly ratio: Ratio; readonly exact: boolean } {
  const wanted = Math.log(quotient(size, 'x'));
  let nearest: Ratio = ratios[0];
  let distance = Number.POSITIVE_INFINITY;
  for (const ratio of ratios) {
    const here = Math.abs(wanted - Math.log(quotient(ratio, ':')));
    if (here < distance) [nearest, distance] = [ratio, here];
  }
  return { ratio: nearest, exact: distance < 1e-9 };
}

export function ratioWarning(modelId: string, size: string, given: string): Warning {
  return unsupported('size', `${modelId} takes no pixels; ${given} was sent for ${size}.`);
}

function quotient(text: string, separator: string): number {
  const [width = 1, height = 1] = text.split(separator).map(Number);
  return width / height;
}
