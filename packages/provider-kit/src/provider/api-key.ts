import { type PluginHost, VibeError } from '@vibe/core';

/** An API key that is looked up when it is needed, so that it may be set or changed while the program runs. */
export interface ApiKey {
  /** The variable to set when there is none. */
  readonly variable: string;
  present(): boolean;
  /** The key. Throws `auth` that names the variable when there is none. `service` is for the message. */
  read(service: string): string;
}

/** Everything a header value may contain. */
const headerSafe = /^[\x21-\x7e]+$/;

/**
 * A key from code, from the first of some environment variables that is set, or from where the host keeps secrets under
 * these names (a keys file). Space around it is dropped.
 */
export function apiKey(source: {
  readonly value?: string | undefined;
  readonly variables: readonly [string, ...string[]];
  readonly host?: Pick<PluginHost, 'secret'> | undefined;
}): ApiKey {
  const { value, variables, host } = source;
  const variable = variables[0];
  const find = (): string | undefined =>
    filled(value) ?? first(variables, (name) => process.env[name]) ?? first(variables, (name) => host?.secret?.(name));
  return {
    variable,
    present: () => find() !== undefined,
    read(service) {
      const key = find();
      if (key === undefined) {
        throw new VibeError(
          'auth',
          `${service} has no API key, so nothing was sent. Set ${source.variables.join(' or ')}.`,
          {
            next: [
              `Set ${source.variables.join(' or ')} in the environment, keep it with \`llm keys set\`, or pass apiKey in code.`,
            ],
            details: { variables: source.variables },
          },
        );
      }
      if (headerSafe.test(key)) return key;
      throw new VibeError(
        'auth',
        `The API key of ${service} contains characters that no key has, so nothing was sent.`,
        {
          next: [`Copy the key again into ${variable}: no quotes, spaces or line breaks.`],
          details: { variables: source.variables },
        },
      );
    },
  };
}

function filled(key: string | undefined): string | undefined {
  return key?.trim() || undefined;
}

function first(names: readonly string[], look: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const key = filled(look(name));
    if (key !== undefined) return key;
  }
  return undefined;
}

/** What `describe` shows in place of a key. */
export const REDACTED = '<redacted>';
