import type { ModelManifest, OperationRequest, PartsMessage, Provider, ProviderCall } from '@vibe/core';

export interface CallOptions {
  /** Id of an endpoint. Default: the first one. */
  readonly endpoint?: string;
  /** Default false. */
  readonly incremental?: boolean;
  readonly signal?: AbortSignal;
}

/** A call as the chain makes it. */
export function callOf<Asked extends OperationRequest>(
  provider: Provider,
  asked: Asked,
  model: ModelManifest,
  { endpoint: wanted, incremental = false, signal = new AbortController().signal }: CallOptions = {},
): Asked & Pick<ProviderCall, 'endpoint' | 'model' | 'incremental' | 'signal' | 'timeout'> {
  const endpoint = provider.endpoints.find(({ id }) => wanted === undefined || id === wanted);
  if (endpoint === undefined) throw new Error(`no endpoint ${wanted}`);
  return { ...asked, endpoint, model, incremental, signal, timeout: { connectMs: 5_000 } };
}

export function modelOf(provider: Provider, id: string): ModelManifest {
  const model = provider.models.find((each) => each.id === id);
  if (model === undefined) throw new Error(`no model ${id}`);
  return model;
}

export function user(text: string): PartsMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}
