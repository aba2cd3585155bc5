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

/** The path that `formatPath` has written, or one that people write alike; null when it is none. */
export function parsePath(text: string): Path | null {
  const step = /^(?:\.?([^.[\]"\s]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\])/;
  const path: (string | number)[] = [];
  for (let rest = text; rest !== ''; ) {
    const match = step.exec(rest);
    if (match === null || (path.length === 0 && rest.startsWith('.'))) return null;
    const [whole, plain, index, quoted] = match;
    if (plain !== undefined && path.length > 0 && !rest.startsWith('.')) return null;
    if (plain !== undefined) path.push(plain);
    else if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(textOf(quoted) ?? quoted);
    rest = rest.slice(whole.length);
  }
  return path;
}

function textOf(literal: string): string | null {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return null;
  }
}
