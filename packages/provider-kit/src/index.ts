export { abortError, throwIfAborted } from './http/abort.js';
export { type ErrorBody, jsonOf, readErrorBody } from './http/error-body.js';
export {
  createHttpClient,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  type ResponseBody,
  type ResponseHeaders,
} from './http/http-client.js';
export type { PoolOptions } from './http/origin-pool.js';
export {
  type JsonAnswer,
  requestHeaders,
  requestJson,
  requestStream,
  type StreamAnswer,
  type StreamOptions,
} from './http/request.js';
export { retryAfterMs } from './http/retry-after.js';
export {
  briefText,
  type Classification,
  type Service,
  type ServiceFailure,
  serviceError,
} from './http/service-error.js';
export { type DownloadedMedia, downloadMedia, type MediaDownload, mediaPlaces } from './media/download.js';
export { type MediaSource, mediaSource, mediaUrl } from './media/media-source.js';
export { type PcmFormat, pcmMediaType, pcmOf, readWav, type WavHeader, wavOf } from './media/wav.js';
export { type ApiKey, apiKey, REDACTED } from './provider/api-key.js';
export { messageText, singly, textDelta, toldUsage, usageSoFar } from './provider/events.js';
export { type HttpOperation, type HttpService, httpProvider, type OperationWire } from './provider/http-provider.js';
export { isStrictSchema, jsonSchemaOf } from './provider/json-schema.js';
export { type FixedField, mergeOptions } from './provider/merge-options.js';
export { type ModelOverride, withModels } from './provider/models.js';
export type { HttpEndpoint } from './provider/open-endpoint.js';
export { type PingTarget, ping } from './provider/ping.js';
export { unsupportedOperation, unsupportedPart } from './provider/provider-error.js';
export { unsupported } from './provider/warnings.js';
export { eventDocuments } from './sse/event-documents.js';
export { readSse, type SseEvent } from './sse/read-sse.js';
export { afterSubmit, looksAtTask, type PollOptions, type PollPace, pollTask } from './tasks/poll-task.js';
export { parseJson, parseWith } from './wire/parse-with.js';
export {
  type InputCounts,
  inputQuantities,
  type OutputCounts,
  outputQuantities,
  withMedia,
} from './wire/quantities.js';
export {
  asWireObject,
  invalidField,
  readArray,
  readCount,
  readObject,
  readText,
  type WireObject,
  wrongType,
} from './wire/read-field.js';
