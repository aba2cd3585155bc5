/** The way to a value from the root of a config file. */
export type Path = readonly (string | number)[];

const plainKey = /^[^.[\]"\s]+$/;

/** `budgets[0].limitUsd`; a key with dots or brackets is quoted: `limits["qwen3.5-plus"].rpm`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!plainKey.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** The value at a path of parsed JSON or YAML; undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
