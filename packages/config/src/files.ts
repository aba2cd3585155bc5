import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a layer of files is looked for. */
export interface FilePlace {
  readonly layer: 'user' | 'project';
  /** Files that are there; more than one is a mistake, because one of them would be ignored. */
  readonly found: readonly string[];
  /** Where the file would be made. */
  readonly preferred: string;
}

const extensions = ['yaml', 'yml', 'json'];

/** `vibe/config.{yaml,yml,json}` in `$XDG_CONFIG_HOME` or `~/.config`. */
export function userPlace(env: Environment): FilePlace {
  const place = placeIn('user', userFolder(env), 'config');
  // Reading it will say why it cannot be seen. Above a project, closed folders are usual and hold nothing of ours.
  return lookUp(place.preferred) === 'hidden' ? { ...place, found: [place.preferred] } : place;
}

/** Where what belongs to the user is kept. */
export function userFolder(env: Environment): string {
  const configHome = env['XDG_CONFIG_HOME'];
  // A relative folder is to be ignored (XDG Base Directory Specification).
  const base = configHome !== undefined && isAbsolute(configHome) ? configHome : join(homeOf(env), '.config');
  return join(base, 'vibe');
}

/** The nearest `vibe.config.{yaml,yml,json}` from `folder` upwards. */
export function projectPlace(folder: string): FilePlace {
  for (let at = folder; ; at = dirname(at)) {
    const place = placeIn('project', at, 'vibe.config');
    if (place.found.length > 0) return place;
    if (at === dirname(at)) return placeIn('project', folder, 'vibe.config');
  }
}

/** One file, given by the user: no search. */
export function givenPlace(file: string): FilePlace {
  return { layer: 'project', found: [file], preferred: file };
}

function placeIn(layer: FilePlace['layer'], folder: string, name: string): FilePlace {
  const paths = extensions.map((extension) => join(folder, `${name}.${extension}`));
  return { layer, found: paths.filter((path) => lookUp(path) === 'there'), preferred: join(folder, `${name}.yaml`) };
}

/**
 * A dangling link and a folder are there, too: to pass over a file that the user believes to be in force would be worse.
 * `hidden`: nobody can say, because a folder on the way is closed or a link leads in circles.
 */
function lookUp(path: string): 'there' | 'missing' | 'hidden' {
  try {
    lstatSync(path);
    return 'there';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'hidden';
  }
}

/** A file that was given need not be there; one that nobody can look for counts as there, and reading it will say why. */
export function isThere(path: string): boolean {
  return lookUp(path) !== 'missing';
}

export function homeOf(env: Environment): string {
  const home = env['HOME'];
  return home !== undefined && isAbsolute(home) ? home : homedir();
}

/** A path as people write it: relative below the working folder, with `~` below home, else absolute. */
export function displayPath(path: string, cwd: string, env: Environment): string {
  const below = relative(cwd, resolve(path));
  if (below !== '' && !below.startsWith('..') && !isAbsolute(below)) return below;
  const home = homeOf(env);
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}
