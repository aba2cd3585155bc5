import type { Annotated, Fields } from './merge/annotated.js';
import { annotate, noFields } from './merge/annotated.js';
import { formatPath, type Path } from './path.js';
import { findingsOf, type Problem } from './problems.js';
import { secretRefusal, secretsInFile } from './secrets.js';
import type { ParsedSource, Position } from './source/position.js';
import { SourceError } from './source/position.js';
import { readText } from './source/read-text.js';

/** What one file, the environment or the code says. */
export interface Layer {
  readonly values: Fields;
  /** Where plugins that it names are looked for, and what relative paths are relative to. */
  readonly folder: string;
}

export interface LayerResult {
  readonly layer: Layer | null;
  readonly problems: readonly Problem[];
}

/** A file as a layer. Reports every problem of the file, or the one that makes it unreadable. */
export async function readFileLayer(
  path: string,
  display: string,
  { folder, secretsAllowed }: { readonly folder: string; readonly secretsAllowed: boolean },
): Promise<LayerResult> {
  const { source, problems } = await checkedText(path, display, secretsAllowed);
  if (source === null || problems.length > 0) return { layer: null, problems };
  const value = withoutSchemaKey(source.value);
  const values = annotate(value, (at) => `${display}:${nearestPosition(source.positions, at)?.line ?? 1}`);
  return { layer: { values: asFields(values), folder }, problems };
}

/** What a config file says, and everything that is wrong with it. */
export interface CheckedText {
  /** Null: it is no JSON or YAML, or cannot be read. */
  readonly source: ParsedSource | null;
  readonly problems: readonly Problem[];
}

/** Checks a config file, or `given` as if it stood in that file. */
export async function checkedText(
  path: string,
  display: string,
  secretsAllowed: boolean,
  given?: string,
): Promise<CheckedText> {
  let source: ParsedSource;
  try {
    source = await parse(path, given ?? readText(path));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { source: null, problems: [problemAt(display, error.position, '', error.message)] };
  }
  const value = withoutSchemaKey(source.value);
  const findings = [
    ...(await check(value)),
    ...(secretsAllowed ? [] : (await secretsOf(value)).map((at) => ({ path: at, message: secretRefusal(at) }))),
  ];
  const problems = findings.map(({ path: at, message }) =>
    problemAt(display, nearestPosition(source.positions, at), formatPath(at), message),
  );
  return { source, problems };
}

/** What the environment or the code says, checked by the same schema. `placeOf` names where a value comes from. */
export async function checkedLayer(
  value: unknown,
  folder: string,
  placeOf: (path: Path) => string,
): Promise<LayerResult> {
  const problems = (await check(value)).map(({ path, message }) => ({
    place: placeOf(path),
    file: null,
    position: null,
    path: formatPath(path),
    message,
  }));
  if (problems.length > 0) return { layer: null, problems };
  return { layer: { values: asFields(annotate(value, placeOf)), folder }, problems };
}

/** Loaded only when there is something to parse or to check: together they cost as much as a bare start of Node. */
async function parse(path: string, text: string): Promise<ParsedSource> {
  if (text.includes('\0')) throw new SourceError('is no text file: there are zero bytes in it', null);
  if (text.trim() === '') return { value: {}, positions: new Map() };
  if (path.endsWith('.json')) return (await import('./source/parse-json.js')).parseJson(text);
  if (/\.ya?ml$/.test(path)) return (await import('./source/parse-yaml.js')).parseYaml(text);
  throw new SourceError('has an unknown ending: a config file ends in .yaml, .yml or .json', null);
}

async function check(value: unknown) {
  if (isEmpty(value)) return [];
  const { configSchema } = await import('./schema.js');
  const result = configSchema.safeParse(value);
  return result.success ? [] : findingsOf(result.error.issues, value);
}

/** Editors find the schema by this key; a file with comments only is null. */
function withoutSchemaKey(value: unknown): unknown {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const { $schema: _, ...others } = value as Record<string, unknown>;
  return others;
}

async function secretsOf(value: unknown): Promise<readonly Path[]> {
  if (isEmpty(value)) return [];
  const { configSchema } = await import('./schema.js');
  return secretsInFile(value, Object.keys(configSchema.shape));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The position of a value, or of the nearest thing around it: what is missing has none itself. */
function nearestPosition(positions: ReadonlyMap<string, Position>, path: Path): Position | null {
  for (let length = path.length; length >= 0; length--) {
    const position = positions.get(formatPath(path.slice(0, length)));
    if (position !== undefined) return position;
  }
  return null;
}

function problemAt(display: string, position: Position | null, path: string, message: string): Problem {
  const place = position === null ? display : `${display}:${position.line}:${position.column}`;
  return { place, file: display, position, path, message };
}

function asFields(node: Annotated): Fields {
  return node.kind === 'fields' ? node : noFields;
}

/** Whether a file of the user holds keys; false for one that cannot be read. */
export async function secretsInUserFile(path: string): Promise<boolean> {
  const { source } = await checkedText(path, path, true);
  return source !== null && (await secretsOf(withoutSchemaKey(source.value))).length > 0;
}
