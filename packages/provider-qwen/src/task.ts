import { type ErrorCode, type ProviderCall, type ProviderEvent, type Usage, VibeError } from '@vibe/core';
import {
  afterSubmit,
  asWireObject,
  type HttpClient,
  looksAtTask,
  readObject,
  readText,
  type Service,
  serviceError,
  type WireObject,
} from '@vibe/provider-kit';
import type { QwenEndpoint } from './endpoints.js';
import { askOnce, missing, nativeBase, nativeRequest, type Prepared, serviceOf } from './native.js';
import { readUsage } from './usage.js';

/** How often a task is looked at, from the option `pollMs`. */
export interface TaskPace {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** A task that has ended well. */
export interface EndedTask {
  readonly id: string;
  readonly output: WireObject;
  /** Null: the service did not say. */
  readonly usage: Usage | null;
  readonly requestId: string | null;
}

/** Facts: without it the services of tasks refuse. */
export const asyncHeader = { 'x-dashscope-async': 'enable' } as const;

/** How long a cancellation may take. */
const CANCEL_MS = 5_000;

/**
 * Submits a task once and looks at it until it has ended. What fails before the service has accepted it may be made again;
 * afterwards nothing is: such errors are not retryable, and count as billed unless the service says that the task failed
 * (facts: only what succeeded is billed). A task that nobody waits for any more is cancelled where that is still possible.
 */
export async function* runTask(
  client: HttpClient,
  call: ProviderCall,
  place: QwenEndpoint,
  prepared: Prepared,
  pace: TaskPace,
): AsyncGenerator<ProviderEvent, EndedTask, void> {
  const { service, secret } = serviceOf(place);
  const id = await submit(client, call, place, prepared);
  yield signOfLife;
  const look = { call, place, service, secret, id };
  const options = { pace, signal: call.signal, what: `Task ${id} of ${service.name}` };
  const looks = looksAtTask((signal) => lookAt(client, look, signal), options);
  try {
    for (;;) {
      const step = await looks.next();
      if (step.done === true) return step.value;
      yield signOfLife;
    }
  } catch (error) {
    if (error instanceof TaskFailure) throw error.error;
    throw afterSubmit(error, id);
  } finally {
    if (call.signal.aborted) cancelSoon(client, look);
  }
}

/** It says nothing about the bill; it keeps the chain's timeout between events from firing while a task runs. */
const signOfLife: ProviderEvent = { type: 'usage', usage: { quantities: {}, unknown: true, source: 'partial' } };

/** The id of the task. Facts: a submission that was sent and not answered may have made one, so it is not sent again. */
async function submit(
  client: HttpClient,
  call: ProviderCall,
  place: QwenEndpoint,
  prepared: Prepared,
): Promise<string> {
  const { service, secret } = serviceOf(place);
  const unknown = 'of unknown id';
  const submitted = await askOnce(client, nativeRequest(call, place, prepared, secret), service).catch(
    (error: unknown) => {
      throw VibeError.is(error) && !error.mayBeBilled ? error : afterSubmit(error, unknown);
    },
  );
  const output = readObject(submitted.body, 'output', '$');
  const id = output === undefined ? undefined : readText(output, 'task_id', '$.output');
  if (id === undefined) throw afterSubmit(missing(place.endpoint, '$.output.task_id', 'a task'), unknown);
  return id;
}

interface Look {
  readonly call: ProviderCall;
  readonly place: QwenEndpoint;
  readonly service: Service;
  readonly secret: string;
  readonly id: string;
}

/** The service's own word that a task has failed: unlike other errors it ends the looking, whatever its code. */
class TaskFailure extends Error {
  constructor(readonly error: VibeError) {
    super(error.message);
  }
}

/** Undefined while it runs. Facts: the status is always 200; unknown states are states of a running task. */
async function lookAt(client: HttpClient, look: Look, signal: AbortSignal): Promise<EndedTask | undefined> {
  const { call, place, service, secret, id } = look;
  const url = `${nativeBase(place)}/tasks/${encodeURIComponent(id)}`;
  const headers = { authorization: `Bearer ${secret}` };
  const request = { method: 'GET', url, headers, signal, connectMs: call.timeout.connectMs } as const;
  const { body, requestId } = await askOnce(client, request, service);
  const output = asWireObject(body['output'], '$.output');
  const status = readText(output, 'task_status', '$.output');
  switch (status) {
    case 'SUCCEEDED':
      return { id, output, usage: readUsage(body), requestId };
    case 'FAILED':
      // the reason stands in the output, or beside it
      throw new TaskFailure(taskError(look, { ...body, ...output }, requestId));
    case 'CANCELED':
      throw new TaskFailure(plainError(look, 'provider_rejected', 'was cancelled at the service', requestId, false));
    case 'UNKNOWN':
      throw new TaskFailure(
        plainError(look, 'invalid_response', 'is not known to the service any more', requestId, true),
      );
    default:
      return undefined;
  }
}

/** The failure of a task, or of a part of it, in the words of the service. Nothing of it is billed; it is not repeated. */
export function taskError(
  { service, id }: Pick<Look, 'service' | 'id'>,
  json: WireObject,
  requestId: string | null,
): VibeError {
  const error = serviceError(service, { status: null, headers: {}, json, text: JSON.stringify(json) });
  return new VibeError(error.code, error.message, {
    retryable: false,
    mayBeBilled: false,
    requestId: requestId ?? undefined,
    next: error.next,
    details: { ...error.details, taskId: id },
  });
}

function plainError(
  look: Look,
  code: ErrorCode,
  what: string,
  requestId: string | null,
  mayBeBilled: boolean,
): VibeError {
  return new VibeError(code, `Task ${look.id} of ${look.service.name} ${what}. It was not sent again.`, {
    retryable: false,
    mayBeBilled,
    requestId: requestId ?? undefined,
    details: { taskId: look.id },
    next: ['Look at the task in the Model Studio console before you make the call again.'],
  });
}

/** Facts: only a task that has not begun can be cancelled; whether it worked is of no interest any more. */
function cancelSoon(client: HttpClient, { place, service, secret, id }: Look): void {
  const url = `${nativeBase(place)}/tasks/${encodeURIComponent(id)}/cancel`;
  const headers = { authorization: `Bearer ${secret}` };
  const signal = AbortSignal.timeout(CANCEL_MS);
  askOnce(client, { method: 'POST', url, headers, signal, connectMs: CANCEL_MS }, service).catch(() => undefined);
}
