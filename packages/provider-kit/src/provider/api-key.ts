import { VibeError } from '@vibe/core';

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

/** A key from code, or from the first of some environment variables that is set. Space around it is dropped. */
export function apiKey(source: {
  readonly value?: string | undefined;
  readonly variables: readonly [string, ...string[]];
}): ApiKey {
  const variable = source.variables[0];
  const find = (): string | undefined =>
    [source.value, ...source.variables.map((name) => process.env[name])].map((key) => key?.trim()).find((key) => key);
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
            next: [`Set ${source.variables.join(' or ')} in the environment, or pass apiKey in code.`],
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

/** What `describe` shows in place of a key. */
export const REDACTED = '<redacted>';
