import type { Target } from '@vibe/core';
import { routeName } from '../routes.js';
import type { Session } from '../session.js';
import { printable } from './printable.js';
import { shorten } from './text-width.js';
import { seconds } from './time.js';

/** What takes less is not worth a picture that moves. */
const firstShownMs = 300;
const frameMs = 100;
const frames = { blocks: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], ascii: ['|', '/', '-', '\\'] };
const clearLine = '\r\u001b[K';

/** One line on stderr that moves while a command waits. */
export interface Progress {
  /** What is going on now, in place of what was said before; a function is asked again for every picture. */
  say(what: string | (() => string)): void;
  /** Counts down to the moment a rate limit has room. */
  waitFor(target: Target, waitMs: number): void;
  /** Takes the line away; the first text of an answer does. It may begin again with `say`. */
  stop(): void;
  /** False: nobody would see it, so waits are told in lines of their own. */
  readonly isShown: boolean;
}

/** Shown on a terminal only: a file or a pipe gets no escape sequences. --quiet, --json and --plain want none either. */
export function progress(session: Session): Progress {
  const { err, flags, world, bars } = session;
  const isShown =
    err.isTerminal &&
    flags.quiet !== true &&
    flags.json !== true &&
    flags.plain !== true &&
    world.env['TERM'] !== 'dumb';
  if (!isShown) return { isShown, say: () => undefined, waitFor: () => undefined, stop: () => undefined };
  const pictures = bars.full === '#' ? frames.ascii : frames.blocks;
  let text: () => string = () => '';
  let timer: NodeJS.Timeout | null = null;
  let sinceMs = 0;
  let frame = 0;
  let isDrawn = false;

  const draw = () => {
    if (world.now() - sinceMs < firstShownMs) return;
    frame += 1;
    isDrawn = true;
    const line = `${pictures[frame % pictures.length]} ${shorten(printable(text()), err.columns - 3)}`;
    void err.write(`${clearLine}${err.colors.dim(line)}`);
  };
  const begin = (what: () => string) => {
    text = what;
    if (timer !== null) return;
    sinceMs = world.now();
    timer = setInterval(draw, frameMs);
    // What is waited for keeps the program alive, not its picture.
    timer.unref();
  };
  return {
    isShown,
    say: (what) => begin(() => `${typeof what === 'string' ? what : what()} · ${seconds(world.now() - sinceMs)}`),
    waitFor: (target, waitMs) => {
      const untilMs = world.now() + waitMs;
      begin(() => {
        const leftMs = untilMs - world.now();
        return leftMs <= 0
          ? 'waiting for the answer'
          : `waiting ${(leftMs / 1_000).toFixed(1)} s for the rate limit of ${routeName(target)} · Ctrl-C stops`;
      });
    },
    stop: () => {
      if (timer !== null) clearInterval(timer);
      timer = null;
      if (isDrawn) void err.write(clearLine);
      isDrawn = false;
    },
  };
}
