import type { Json } from '@vibe/core';
import type { GeminiFunctionCall } from './wire.js';

type Argument = NonNullable<GeminiFunctionCall['partialArgs']>[number];
type Container = Record<string, unknown>;

/** A function call whose arguments arrive one by one (Vertex, when asked for). Strings of one path belong together. */
export class StreamedCall {
  readonly name: string;
  readonly id: string | undefined;
  readonly signature: string | undefined;
  readonly #args: Container = {};

  constructor(name: string, id: string | undefined, signature: string | undefined) {
    this.name = name;
    this.id = id;
    this.signature = signature;
  }

  get args(): Json {
    return this.#args as Json;
  }

  add({ jsonPath, stringValue, numberValue, boolValue }: Argument): void {
    const keys = [...jsonPath.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/g)].map(
      ([, name, index, quoted]) => name ?? index ?? quoted ?? '',
    );
    const last = keys.pop();
    if (last === undefined || [...keys, last].includes('__proto__')) return;
    let here = this.#args;
    keys.forEach((key, at) => {
      const isList = /^\d+$/.test(keys[at + 1] ?? last);
      here[key] ??= isList ? [] : {};
      here = here[key] as Container;
    });
    const before = here[last];
    here[last] =
      typeof stringValue === 'string'
        ? `${typeof before === 'string' ? before : ''}${stringValue}`
        : (numberValue ?? boolValue ?? null);
  }
}
