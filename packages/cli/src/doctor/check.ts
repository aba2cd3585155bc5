import type { Patient } from './patient.js';

export type Status = 'ok' | 'warning' | 'error' | 'skipped';

/** What a check has found about one thing. */
export interface Finding {
  /** Default: the title of the check. */
  readonly title?: string;
  readonly status: Status;
  /** One line. Never holds a key. */
  readonly detail: string;
  /** Commands and sentences that help; the first one helps most. */
  readonly advice?: readonly string[];
  /** Mends it without a risk, for --fix; resolves with what was done. */
  readonly fix?: () => Promise<string>;
}

/** One look at the installation. It sends nothing that costs money, and changes nothing. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** Sends requests: left out with --offline. */
  readonly network?: boolean;
  /** A throw becomes an error of this check; the others go on. */
  run(patient: Patient): Promise<readonly Finding[]>;
}

export const ok = (detail: string, title?: string): Finding => finding('ok', detail, [], title);
export const skipped = (detail: string, title?: string): Finding => finding('skipped', detail, [], title);

export function finding(status: Status, detail: string, advice: readonly string[] = [], title?: string): Finding {
  return { status, detail, advice, ...(title !== undefined && { title }) };
}
