import type { GenerationResponse } from '@vibe/core';
import { type Client, withClient } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { planText } from '../generate/dry-run.js';
import { countingBudgets, noteEnding, responseJson } from '../generate/ending.js';
import type { CallFlags } from '../generate/flags.js';
import { tellEvents } from '../generate/tell-events.js';
import { progress } from '../output/progress.js';
import type { Session } from '../session.js';

/** A call whose result is no text that streams. */
export interface MediaCall {
  /** Shown while it runs. */
  readonly doing: string;
  /** Of the JSON envelope. */
  readonly schema: string;
  call(client: Client): Promise<GenerationResponse>;
  /** Writes the result; returns what the envelope says about it. */
  take(response: GenerationResponse): Promise<Readonly<Record<string, unknown>>>;
}

/** Runs it as every call is run: told while it takes long, settled, with its cost when asked. */
export async function mediaCall(
  session: Session,
  flags: CallFlags,
  { doing, schema, call, take }: MediaCall,
): Promise<number> {
  return withClient(session, 'calls', async (client) => {
    const shown = progress(session);
    const told = tellEvents(client.vibe, session, shown);
    shown.say(doing);
    const response = await call(client).finally(() => shown.stop());
    for (const warning of response.warnings) await told.warn(warning);
    if (response.plan !== null && session.flags.json !== true) {
      await session.out.write(planText(session, response.plan));
      return exitCodes.ok;
    }
    const more = response.status === 'dry_run' ? {} : await take(response);
    if (session.flags.json === true) await session.out.write(responseJson(session, response, schema, more));
    else await noteEnding(session, response, flags, await countingBudgets(client.vibe, flags, told.budgetIds));
    return exitCodes.ok;
  });
}
