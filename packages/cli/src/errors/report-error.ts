import { VibeError } from '@vibe/core';
import { exitCodeOf, exitCodes } from '../exit-codes.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { errorJson, usageErrorJson } from './error-json.js';
import { cancelledText, errorText, usageErrorText } from './error-text.js';
import { limitOrigins } from './limit-origins.js';

/** Says what went wrong on stderr and returns the exit code. A stack is shown with --verbose only, a key never. */
export async function reportError(session: Session, thrown: unknown): Promise<number> {
  const { err, flags, world } = session;
  const asJson = flags.json === true;
  if (thrown instanceof UsageError) {
    await err.write(asJson ? usageErrorJson(thrown) : usageErrorText(session, thrown));
    return exitCodes.usage;
  }
  // Whatever a command stumbles over after it was told to stop is the stop.
  const stopped = world.signal.aborted;
  if (stopped && isBrokenPipe(world.signal.reason)) return exitCodes.ok;
  const error = stopped && !VibeError.is(thrown) ? stoppedError(thrown) : VibeError.from(thrown);
  if (asJson) await err.write(errorJson(error));
  else if (!stopped) await err.write(errorText(session, error, await limitOrigins(session, error)));
  else if (flags.quiet !== true) await err.write(cancelledText(session, error));
  return exitCodeOf(error.code);
}

/** What a stream says that was torn down on the way ("Premature close") is of no use to anybody. */
function stoppedError(cause: unknown): VibeError {
  return new VibeError('cancelled', 'The command was stopped before it had ended.', { cause });
}

/** Nobody reads any more (`llm g … | head -1`): no error, and nobody to tell. */
function isBrokenPipe(reason: unknown): boolean {
  return (reason as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
}
