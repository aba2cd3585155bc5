import { randomStream, seededUuid } from '../../answer/random.js';
import { refuse } from '../../errors.js';
import type { Exchange } from '../../exchange.js';
import { jsonHeaders, jsonReply, type Reply } from '../../http/reply.js';
import { asArray, asObject, asString, type JsonObject } from '../../json.js';
import { refuseKey } from '../admission.js';
import { secondsOf } from '../media-tokens.js';
import { gatewayHeaders } from '../wire.js';
import { type PictureRequest, pictureAddresses, pictureResults, readPictureRequest } from './images.js';
import { heardWords } from './recognition.js';
import { invalid, nativePrompt, refuseNative } from './request.js';
import { resultAddress } from './results.js';

/** How a task ends. `stuck` never does; `partial` succeeds for all but the last of its parts. */
type Outcome = 'succeeded' | 'failed' | 'partial' | 'canceled' | 'unknown' | 'stuck';

interface StoredTask {
  readonly id: string;
  readonly outcome: Outcome;
  /** Code of a failure. */
  readonly code: string;
  readonly parts: number;
  /** What `output` and `usage` have in the end. Made when it is looked at: addresses are then fresh. */
  readonly finish: (exchange: Exchange, outcome: Outcome) => JsonObject;
  looks: number;
  isCanceled: boolean;
}

/** `task: failed CODE`, `task: partial` … in a prompt, or `task=failed` in the address of an audio. */
const SCRIPTED = /\btask[:=]\s*(failed|partial|canceled|unknown|stuck)\b(?:[ ,]+([A-Z][\w.]+))?/;
const DEFAULT_CODE = 'InternalError.Timeout';

/** Wan's pictures: a task, looked at until it ends. Facts: without the header it is refused. */
export function submitPictures(exchange: Exchange): Reply {
  const refusal = refuseTask(exchange);
  if (refusal) return refusal;
  const asked = readPictureRequest(exchange);
  if (typeof asked === 'string') return invalid(exchange, asked);
  return submit(exchange, asked.count, (look, outcome) => finishPictures(exchange, look, asked, outcome));
}

/** File transcription. */
export function submitTranscription(exchange: Exchange): Reply {
  const refusal = refuseTask(exchange);
  if (refusal) return refusal;
  const input = asObject(exchange.body['input']) ?? {};
  const file = asString(input['file_url']);
  const files =
    file === null
      ? asArray(input['file_urls'])
          .map(asString)
          .filter((each) => each !== null)
      : [file];
  if (files.length === 0 || !files.every((each) => /^(https?|oss):\/\//.test(each))) {
    return invalid(exchange, 'input.file_url must be an address that can be fetched');
  }
  return submit(exchange, files.length, (look) => finishTranscription(exchange, look, files, file !== null));
}

/** `GET /api/v1/tasks/{id}`. Facts: always 200; what nobody knows is UNKNOWN; PENDING, then RUNNING, then the end. */
export function showTask(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const id = /\/tasks\/([^/]+)$/.exec(exchange.path)?.[1] ?? '';
  const task = taskOf(exchange, id);
  if (task === null || task.outcome === 'unknown') {
    return answer(exchange, { output: { task_id: id, task_status: 'UNKNOWN' } });
  }
  task.looks += 1;
  return answer(exchange, stateOf(exchange, task));
}

/** `POST /api/v1/tasks/{id}/cancel`. Facts: only what is pending can be cancelled. */
export function cancelTask(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const task = taskOf(exchange, /\/tasks\/([^/]+)\/cancel$/.exec(exchange.path)?.[1] ?? '');
  if (task === null || task.looks > 1 || task.isCanceled) {
    const message = 'Failed to cancel the task, please confirm if the task is in PENDING status.';
    const body = { request_id: exchange.requestId, code: 'UnsupportedOperation', message };
    return jsonReply(400, body, { ...jsonHeaders, ...gatewayHeaders(exchange) });
  }
  task.isCanceled = true;
  return answer(exchange, {});
}

function refuseTask(exchange: Exchange): Reply | null {
  const refusal = refuseNative(exchange);
  if (refusal) return refusal;
  if (exchange.headers['x-dashscope-async'] === 'enable') return null;
  return refuse(exchange, { reason: 'access_denied', message: 'current user api does not support synchronous calls.' });
}

function submit(exchange: Exchange, parts: number, finish: StoredTask['finish']): Reply {
  const [, outcome = 'succeeded', code = DEFAULT_CODE] = SCRIPTED.exec(nativePrompt(exchange.body)) ?? [];
  const id = seededUuid(randomStream('task', exchange.requestId));
  const task: StoredTask = { id, outcome: outcome as Outcome, code, parts, finish, looks: 0, isCanceled: false };
  exchange.shelf.put(`task ${id}`, task);
  return answer(exchange, { output: { task_id: id, task_status: 'PENDING' } });
}

function taskOf(exchange: Exchange, id: string): StoredTask | null {
  return (exchange.shelf.get(`task ${id}`) as StoredTask | undefined) ?? null;
}

function stateOf(exchange: Exchange, task: StoredTask): JsonObject {
  const { id, outcome, looks } = task;
  const metrics = (succeeded: number, failed: number) => ({
    task_metrics: { TOTAL: task.parts, SUCCEEDED: succeeded, FAILED: failed },
  });
  const state = (status: string, more: JsonObject = {}) => ({
    output: { task_id: id, task_status: status, submit_time: beijingTime(), ...more },
  });
  if (task.isCanceled) return state('CANCELED');
  if (looks === 1) return state('PENDING');
  if (looks === 2 || outcome === 'stuck') return state('RUNNING', { scheduled_time: beijingTime(), ...metrics(0, 0) });
  if (outcome === 'canceled') return state('CANCELED');
  if (outcome === 'failed') {
    const message =
      'An internal timeout error has occured during execution, please try again later or contact service support.';
    return state('FAILED', { code: task.code, message, ...metrics(0, task.parts) });
  }
  const { output, usage } = task.finish(exchange, outcome);
  const failed = outcome === 'partial' ? 1 : 0;
  const times = { scheduled_time: beijingTime(), end_time: beijingTime() };
  return { ...state('SUCCEEDED', { ...times, ...asObject(output), ...metrics(task.parts - failed, failed) }), usage };
}

/** Facts: wan2.6 answers with choices, older models with results; a failed part has a code, and is not counted. */
function finishPictures(asker: Exchange, look: Exchange, asked: PictureRequest, outcome: Outcome): JsonObject {
  const made = outcome === 'partial' ? asked.count - 1 : asked.count;
  if (/^wan2\.[6-9]/.test(asker.model ?? '')) {
    const choices = pictureAddresses(look, { ...asked, count: made }).map((image) => ({
      finish_reason: 'stop',
      message: { role: 'assistant', content: [{ image, type: 'image' }] },
    }));
    const size = `${asked.width}*${asked.height}`;
    const usage = { size, total_tokens: 0, image_count: made, output_tokens: 0, input_tokens: 0 };
    return { output: { finished: true, choices }, usage };
  }
  const failure = { code: DEFAULT_CODE, message: 'An internal timeout error has occured during execution.' };
  const results = [...pictureResults(look, { ...asked, count: made }), ...(made < asked.count ? [failure] : [])];
  return { output: { results }, usage: { image_count: made } };
}

/** Facts: qwen3 models have one result and `seconds`, the others a list and `duration`; the words lie in a file. */
function finishTranscription(asker: Exchange, look: Exchange, files: readonly string[], single: boolean): JsonObject {
  const seconds = files.reduce((sum, file) => sum + Math.ceil(secondsOf(file)), 0);
  const addresses = files.map((file) => {
    const text = heardWords(asker, file, scriptedWords(file)).join('');
    const transcripts = [
      { channel_id: 0, text, sentences: [{ sentence_id: 0, begin_time: 0, end_time: 1_000, text }] },
    ];
    const json = { file_url: file, audio_info: { format: 'wav', sample_rate: 16_000 }, transcripts };
    return resultAddress(look, 'transcript', file, 'json', { json });
  });
  if (single) return { output: { result: { transcription_url: addresses[0] } }, usage: { seconds } };
  const results = addresses.map((url, index) => ({
    file_url: files[index],
    transcription_url: url,
    subtask_status: 'SUCCEEDED',
  }));
  return { output: { results }, usage: { duration: seconds } };
}

/** What an audio says, when its address says so: `?echo=words`. */
function scriptedWords(file: string): string {
  const words = URL.canParse(file) ? new URL(file).searchParams.get('echo') : null;
  return words === null ? '' : `echo: ${words}`;
}

/** Facts: times are those of Beijing and say no zone. */
function beijingTime(): string {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().replace('T', ' ').replace('Z', '');
}

function answer(exchange: Exchange, data: JsonObject): Reply {
  return jsonReply(200, { request_id: exchange.requestId, ...data }, { ...jsonHeaders, ...gatewayHeaders(exchange) });
}
