import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { performance } from 'node:perf_hooks';

/** The way to a server, as far as it goes without a key. */
export interface Look {
  /** Where it ended. */
  readonly reached: 'nothing' | 'name' | 'server';
  /** Why it ended before the server answered; null when it answered. */
  readonly problem: string | null;
  readonly latencyMs: number;
  /** How far this machine is ahead of the server, in ms, negative behind it; null when it does not say. Good to a second. */
  readonly skewMs: number | null;
}

/** Looks the name up and asks for the headers of the root: free, without a key, whatever the status. */
export async function lookAt(baseUrl: string, now: () => number, signal: AbortSignal): Promise<Look> {
  const url = new URL(baseUrl);
  const startMs = performance.now();
  const seen = (reached: Look['reached'], problem: string | null, skewMs: number | null = null): Look => ({
    reached,
    problem,
    latencyMs: Math.round(performance.now() - startMs),
    skewMs,
  });
  try {
    await unlessAborted(lookup(hostOf(url)), signal);
  } catch (error) {
    return seen('nothing', `the name ${url.hostname} cannot be resolved (${codeOf(error)})`);
  }
  try {
    return seen('server', null, await skewOf(url, now, signal));
  } catch (error) {
    const what = url.protocol === 'https:' ? 'connection or TLS' : 'connection';
    return seen('name', `no ${what} to ${url.host}: ${codeOf(error)}`);
  }
}

function skewOf(url: URL, now: () => number, signal: AbortSignal): Promise<number | null> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // A connection of its own: nothing is kept open, and no proxy or pool stands between.
    const asked = send(
      { host: hostOf(url), port: url.port, path: '/', method: 'HEAD', agent: false, signal },
      (answer) => {
        answer.resume();
        const told = Date.parse(answer.headers.date ?? '');
        resolve(Number.isNaN(told) ? null : now() - told);
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}

/** A look-up cannot be ended, only left alone. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error('no answer in time'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** IPv6 without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
