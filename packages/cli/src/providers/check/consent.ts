import { createInterface } from 'node:readline/promises';
import { usd } from '../../output/money.js';
import { tableLines } from '../../output/table-text.js';
import type { Session } from '../../session.js';
import { UsageError } from '../../usage-error.js';
import type { PricedCall } from './run-calls.js';

export interface Offer {
  readonly providerId: string;
  readonly host: string;
  readonly calls: readonly PricedCall[];
  readonly maxUsd: number;
  /** Whether the user has said yes beforehand. */
  readonly yes: boolean;
}

/**
 * Says what a live test costs and asks whether to make it. Throws a UsageError where nobody can be asked and nobody has
 * said yes: nothing was sent then.
 */
export async function consent(session: Session, { providerId, host, calls, maxUsd, yes }: Offer): Promise<boolean> {
  const { err, world, flags } = session;
  const total = atMostNanoUsd(calls);
  const unknown = calls.some(({ worstCaseUsd }) => worstCaseUsd === null);
  const price = `${unknown ? 'what nobody can price and ' : ''}at most ${usd(total)}`;
  const canAsk = world.stdin.isTTY === true && err.isTerminal && flags.json !== true;
  if (!yes && !canAsk) {
    throw new UsageError(
      `A live test of ${providerId} makes ${calls.length} calls to ${host} that cost ${price}, and nobody can be asked here: nothing was sent.`,
      [`llm providers test ${providerId} --live --yes`],
    );
  }
  await session.note(offerText(session, { providerId, host, calls, maxUsd, yes }, price));
  if (yes) return true;
  const lines = createInterface({ input: world.stdin });
  try {
    await err.write('Go on? [y/N] ');
    const answer = await Promise.race([lines[Symbol.asyncIterator]().next(), stopped(world.signal)]);
    return /^\s*y(es)?\s*$/i.test(String(answer.value ?? ''));
  } finally {
    lines.close();
  }
}

/** The sum of the worst cases that are known. */
export function atMostNanoUsd(calls: readonly PricedCall[]): number {
  return calls.reduce((sum, { worstCaseUsd }) => sum + Math.round((worstCaseUsd ?? 0) * 1e9), 0);
}

function offerText(session: Session, { providerId, host, calls, maxUsd }: Offer, price: string): string {
  const columns = [
    { title: 'CALL', cells: calls.map(({ call }) => call.name) },
    { title: 'MODEL', cells: calls.map(({ call }) => call.model) },
    {
      title: 'AT MOST',
      align: 'right' as const,
      cells: calls.map(({ worstCaseUsd }) => (worstCaseUsd === null ? 'unknown' : usd(Math.round(worstCaseUsd * 1e9)))),
    },
  ];
  return [
    `A live test of ${providerId} makes ${calls.length} calls to ${host}. They cost ${price};`,
    `its budget is ${usd(Math.round(maxUsd * 1e9))} (--max-usd), and what does not fit is not sent.`,
    '',
    ...tableLines(session, columns),
    '',
  ].join('\n');
}

function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
