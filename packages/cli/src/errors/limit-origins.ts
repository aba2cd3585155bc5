import type { Limits, VibeError } from '@vibe/core';
import type { Session } from '../session.js';

export type LimitName = 'rpm' | 'tpm' | 'rpd' | 'concurrency';

/** Where each limit is set: a line of a config file. What has none is declared by the plugin of the provider. */
export type LimitOrigins = ReadonlyMap<LimitName, string>;

/** Looks up the lines behind the limits of a refusal. Whatever is wrong with the files, the refusal is what matters. */
export async function limitOrigins(session: Session, { code, target, details }: VibeError): Promise<LimitOrigins> {
  const found = new Map<LimitName, string>();
  const limits = details['limits'];
  if (code !== 'rate_limited' || target === undefined || typeof limits !== 'object' || limits === null) return found;
  try {
    const [{ limitsOf }, { parsePath }, { loadSessionConfig }] = await Promise.all([
      import('@vibe/core'),
      import('@vibe/config'),
      import('../client.js'),
    ]);
    const { values, origins } = await loadSessionConfig(session);
    for (const [path, origin] of origins) {
      const [root, pattern, name] = parsePath(path) ?? [];
      if (root !== 'limits' || typeof pattern !== 'string' || !isLimitName(name)) continue;
      const own = limitsOf({ [pattern]: values.limits?.[pattern] ?? {} }, target);
      if (own[name] !== undefined && own[name] === (limits as Limits)[name]) found.set(name, origin);
    }
  } catch {
    return new Map();
  }
  return found;
}

function isLimitName(name: unknown): name is LimitName {
  return name === 'rpm' || name === 'tpm' || name === 'rpd' || name === 'concurrency';
}
