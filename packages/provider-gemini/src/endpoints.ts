import type { Endpoint, PluginHost } from '@vibe/core';
import { type ApiKey, apiKey } from '@vibe/provider-kit';
import type { GeminiSettings } from './options.js';

/** An endpoint with what only the provider may know. */
export interface GeminiEndpoint {
  readonly endpoint: Endpoint;
  readonly key: ApiKey;
}

/** Facts: Google's Developer API, which has no regions. */
const GOOGLE = 'https://generativelanguage.googleapis.com/v1beta';
/** Facts: requests per day reset at midnight Pacific time. */
const rateLimits = { rpdTimezone: 'America/Los_Angeles' } as const;
const VARIABLES = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] as const;

/** The places that the options describe. */
export function geminiEndpoints(options: GeminiSettings, host?: PluginHost): GeminiEndpoint[] {
  const variables = options.keyEnv === undefined ? VARIABLES : ([options.keyEnv] as const);
  const key = apiKey({ value: options.apiKey, variables, host });
  const custom = (options.endpoints ?? []).map((each) => {
    const isOwn = each.apiKey !== undefined || each.keyEnv !== undefined;
    const own = apiKey({ value: each.apiKey, variables: [each.keyEnv ?? variables[0]], host });
    return made(each.id, each.region, each.baseUrl, isOwn ? own : key);
  });
  if (options.baseUrl === undefined && custom.length > 0) return custom;
  return [made('global', 'global', options.baseUrl ?? GOOGLE, key), ...custom];
}

function made(id: string, region: string, baseUrl: string, key: ApiKey): GeminiEndpoint {
  const endpoint = { id, region, baseUrl, keyPresent: () => key.present(), keyName: key.variable, rateLimits };
  return { endpoint, key };
}
