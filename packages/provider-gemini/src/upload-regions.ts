import { type Region, VibeError } from '@vibe/core';

/** Fails closed, before a key is read: bytes may go to `region` only when it is among `regions`. Undefined: anywhere. */
export function assertAllowed(region: Region, regions: readonly Region[] | undefined): void {
  if (regions === undefined) return;
  if (!Array.isArray(regions)) throw new VibeError('invalid_request', 'regions must be a list of regions.');
  if (regions.includes(region)) return;
  const list = regions.join(', ') || 'none';
  throw new VibeError('no_route', `The file was not uploaded: region ${region} is not allowed, allowed are ${list}.`, {
    details: { region, regions: [...regions] },
    next: ['Give baseUrl and region of a place that is allowed, or send the bytes with the call.'],
  });
}
