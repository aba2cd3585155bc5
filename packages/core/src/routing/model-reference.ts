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
    const [provider = '', at = null] = reference.slice(0, slash).split('@');
    if (providers.some(({ id }) => id === provider))
      return { provider, at, model: modelOf(reference.slice(slash + 1)) };
  }
  return { provider: null, at: null, model: modelOf(reference) };
}

function modelOf(name: string): string | null {
  return name === 'auto' || name === '' || name === '*' ? null : name;
}
