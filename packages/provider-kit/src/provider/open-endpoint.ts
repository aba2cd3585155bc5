import type { Endpoint, PluginHost, Region } from '@vibe/core';
import type { Classification, Service, ServiceFailure } from '../http/service-error.js';
import { type ApiKey, apiKey } from './api-key.js';

/** One place that serves the models. */
export interface HttpEndpoint {
  readonly id: string;
  /** Default `global`. */
  readonly region?: Region;
  /** Host and path prefix. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** Environment variable with the key. Without this and `apiKey` no key is sent, as local servers want it. */
  readonly keyEnv?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An endpoint with what only its provider may know. */
export interface OpenEndpoint {
  readonly endpoint: Endpoint;
  /** Null: this place wants none. */
  readonly key: ApiKey | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function openEndpoint(endpoint: HttpEndpoint, host?: PluginHost): OpenEndpoint {
  const { id, region = 'global', keyEnv } = endpoint;
  const needsKey = keyEnv !== undefined || endpoint.apiKey !== undefined;
  const key = needsKey ? apiKey({ value: endpoint.apiKey, variables: [keyEnv ?? 'apiKey'], host }) : null;
  return {
    endpoint: {
      id,
      region,
      baseUrl: endpoint.baseUrl.replace(/\/+$/, ''),
      keyPresent: () => key?.present() ?? true,
      ...(keyEnv !== undefined && { keyName: keyEnv }),
    },
    key,
    headers: endpoint.headers ?? {},
  };
}

/** Who is asked. Reads the key, and so throws `auth` when it is missing. */
export function serviceAt(
  id: string,
  { endpoint, key }: OpenEndpoint,
  classify: (failure: ServiceFailure) => Classification,
): Service {
  const name = `${id}@${endpoint.id}`;
  return { name, secrets: key === null ? [] : [key.read(name)], classify };
}
