import { performance } from 'node:perf_hooks';
import { type PingResult, VibeError } from '@vibe/core';
import type { HttpClient } from '../http/http-client.js';
import { requestJson } from '../http/request.js';
import type { Service } from '../http/service-error.js';

/** Connect timeout of a ping. */
const PING_CONNECT_MS = 10_000;

/** What a ping needs; made by a function because reading the key may fail. */
export interface PingTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: Service;
}

/** One GET as a health check. A missing key, a refusal or a network failure is a result; only an abort throws. */
export async function ping(client: HttpClient, signal: AbortSignal, target: () => PingTarget): Promise<PingResult> {
  const startMs = performance.now();
  const latencyMs = () => Math.round(performance.now() - startMs);
  try {
    const { url, headers, service } = target();
    const answer = await requestJson(
      client,
      { method: 'GET', url, headers, signal, connectMs: PING_CONNECT_MS },
      service,
    );
    return { ok: true, latencyMs: latencyMs(), status: answer.status };
  } catch (error) {
    if (signal.aborted) throw error;
    const { status, message } = VibeError.from(error);
    return { ok: false, latencyMs: latencyMs(), message, ...(status !== undefined && { status }) };
  }
}
