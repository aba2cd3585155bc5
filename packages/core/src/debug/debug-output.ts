import type { EventHub } from '../flow/event-hub.js';
import type { VibeEvents } from '../spec/vibe.js';
import { decisionLines } from './decision-lines.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Whether `VIBE_DEBUG` is set, to anything but `0`, `false` or nothing. Runtimes without an environment do not debug. */
export function isDebugging(env: Variables = processEnv()): boolean {
  const value = env['VIBE_DEBUG'] ?? '';
  return value !== '' && value !== '0' && value !== 'false';
}

/** Writes the decisions of every call, one line per step. */
export function writeDecisions(events: EventHub, write: (line: string) => void = toStandardError): void {
  for (const type of Object.keys(decisionLines) as (keyof VibeEvents)[]) observe(events, type, write);
}

function observe<K extends keyof VibeEvents>(events: EventHub, type: K, write: (line: string) => void): void {
  events.observe(type, (event) => {
    for (const line of decisionLines[type](event)) write(line);
  });
}

function processEnv(): Variables {
  return (globalThis as { process?: { env?: Variables } }).process?.env ?? {};
}

/** `console.error` is standard error in Node and the console elsewhere, and outlives a closed pipe. */
function toStandardError(line: string): void {
  console.error(line);
}
