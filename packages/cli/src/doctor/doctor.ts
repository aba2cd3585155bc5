import { performance } from 'node:perf_hooks';
import { redact, VibeError } from '@vibe/core';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import { tsv } from '../output/table.js';
import type { Session } from '../session.js';
import { version } from '../version.js';
import type { Check, Finding, Status } from './check.js';
import { choice } from './choice.js';
import { patientOf } from './patient.js';
import { doctorText } from './text.js';

export interface DoctorFlags {
  readonly only?: readonly string[];
  readonly listChecks?: boolean;
  readonly offline?: boolean;
  readonly fix?: boolean;
  readonly strict?: boolean;
}

/** A finding with the check it belongs to. */
export interface Diagnosis {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  readonly detail: string;
  readonly advice: readonly string[];
  readonly docs: string;
  readonly durationMs: number;
  /** What --fix has done; null when there was nothing to do. */
  readonly fixed: string | null;
}

/** `llm doctor`: all checks at the same time, printed in their order. */
export async function doctor(session: Session, words: readonly string[], flags: DoctorFlags): Promise<number> {
  const offline = flags.offline === true;
  const everybody = patientOf(session, offline);
  let found: readonly Diagnosis[];
  try {
    const { chosen, isMeant } = await choice([...words, ...(flags.only ?? [])], everybody);
    if (flags.listChecks === true) return await listed(session, chosen);
    const patient = { ...everybody, places: async () => (await everybody.places()).filter(isMeant) };
    const examined = await Promise.all(chosen.map((check) => examine(check, () => check.run(patient), flags)));
    found = examined.flat();
  } finally {
    await everybody.close();
  }
  const count = (status: Status) => found.filter((each) => each.status === status).length;
  const summary = { ok: count('ok'), warn: count('warning'), error: count('error'), skipped: count('skipped') };
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    const content = { nowMs: world.now(), timezone, version: version(), summary, checks: found, warnings: [] };
    await out.write(envelope('vibe.doctor/1', content));
  } else if (session.tables) {
    await out.write(doctorText(session, found, summary, { offline, nodeVersion: process.versions.node }));
  } else {
    const rows = found.map(({ id, title, status, detail, advice }) => [id, title, status, detail, advice[0] ?? null]);
    await out.write(tsv(['check', 'title', 'status', 'detail', 'advice'], rows));
  }
  const isIll = summary.error > 0 || (flags.strict === true && summary.warn > 0);
  return isIll ? exitCodes.doctor : exitCodes.ok;
}

async function examine(
  check: Check,
  run: () => Promise<readonly Finding[]>,
  { offline, fix }: DoctorFlags,
): Promise<readonly Diagnosis[]> {
  const startMs = performance.now();
  const findings = await found(check, run, offline === true);
  const diagnoses: Diagnosis[] = [];
  for (const { title = check.title, status, detail, advice = [], fix: mend } of findings) {
    const fixed = fix === true && mend !== undefined ? await mended(mend) : null;
    diagnoses.push({
      id: check.id,
      title,
      // Whatever an error text may bring along: no key is ever shown.
      status: fixed === null ? status : 'ok',
      detail: redact(fixed ?? detail),
      advice: fixed === null ? advice.map(redact) : [],
      docs: `llm doctor ${check.id}`,
      durationMs: Math.round(performance.now() - startMs),
      fixed,
    });
  }
  return diagnoses;
}

async function found(
  check: Check,
  run: () => Promise<readonly Finding[]>,
  offline: boolean,
): Promise<readonly Finding[]> {
  if (check.network === true && offline) return [{ status: 'skipped', detail: 'sends requests (--offline)' }];
  try {
    return await run();
  } catch (thrown) {
    const { message, next } = VibeError.from(thrown, 'internal');
    return [{ status: 'error', detail: `could not be checked: ${message}`, advice: next }];
  }
}

/** What could not be mended stays as it was found. */
async function mended(mend: () => Promise<string>): Promise<string | null> {
  try {
    return await mend();
  } catch {
    return null;
  }
}

async function listed(session: Session, chosen: readonly Check[]): Promise<number> {
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    const rows = chosen.map(({ id, title, about, network = false }) => ({ id, title, about, network }));
    await out.write(envelope('vibe.doctor_checks/1', { nowMs: world.now(), timezone, rows, warnings: [] }));
  } else {
    await out.write(printable(`${chosen.map(({ id, about }) => `${id.padEnd(10)}  ${about}`).join('\n')}\n`));
  }
  return exitCodes.ok;
}
