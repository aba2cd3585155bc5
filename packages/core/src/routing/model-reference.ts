import type { Provider } from '../spec/provider.js';

/** What `request.model` says: `auto`, `qwen-plus`, `qwen/qwen-plus` or `qwen@sg/qwen-plus`. */
export interface ModelReference {
  readonly provider: string | null;
  /** Profile or endpoint. */
  readonly at: string | null;
  /** Null: any model. */
  readonly model: string | null;
}

/**
 * Only the id of a known provider in front of the first slash is a provider; model ids of some services have slashes
 * themselves.
 */
export function parseModelReference(reference: string, providers: readonly Provider[]): ModelReference {
  const slash = reference.indexOf('/');
  if (slash > 0) {
    // Behind the first @ stands one name: a second one would not be looked at.
    const [, provider = '', at = null] = /^([^@]*)(?:@(.*))?$/s.exec(reference.slice(0, slash)) ?? [];
    if (providers.some(({ id }) => id === provider))
      return { provider, at, model: modelOf(reference.slice(slash + 1)) };
  }
  return { provider: null, at: null, model: modelOf(reference) };
}

function modelOf(name: string): string | null {
  return name === 'auto' || name === '*' ? null : name;
}
