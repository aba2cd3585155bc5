import { callSettings } from '../defaults/call-defaults.js';
import { VibeError } from '../errors/vibe-error.js';
import { Cancellation } from '../flow/cancellation.js';
import type { EventHub } from '../flow/event-hub.js';
import { type CallSettings, enteringCall, type LiveCall, newCallState } from '../flow/live-call.js';
import { describeCall, responseOf } from '../flow/respond.js';
import { RunningCall } from '../flow/running-call.js';
import { TransitMap } from '../flow/transit-map.js';
import { uuidV7 } from '../flow/uuid-v7.js';
import { within } from '../flow/within.js';
import type { Reachability } from '../routing/reachability.js';
import type { ConfiguredBudget } from '../routing/resolve-budgets.js';
import type { BudgetState } from '../spec/budget.js';
import type { Estimate } from '../spec/estimate.js';
import type { Ledger } from '../spec/ledger.js';
import type { Handler } from '../spec/middleware.js';
import type { CallDefaults } from '../spec/options.js';
import type { Provider } from '../spec/provider.js';
import type { Report, ReportQuery } from '../spec/report.js';
import type {
  AnyInput,
  ChatInput,
  OperationRequest,
  PaintInput,
  RequestBase,
  SpeakInput,
  TranscribeInput,
} from '../spec/request.js';
import type { GenerationResponse } from '../spec/response.js';
import type { InferOutput } from '../spec/standard-schema.js';
import type { GenerationStream, Vibe, VibeEvents } from '../spec/vibe.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { checkReportQuery } from './check-report.js';
import { type ExplainParts, explain, wireOf } from './explain.js';
import { generationStream } from './generation-stream.js';
import { chatRequest, paintRequest, speakRequest, transcribeRequest } from './normalise-request.js';

export interface ClientParts extends ExplainParts {
  readonly handler: Handler<LiveCall>;
  readonly ledger: Ledger;
  readonly events: EventHub;
  readonly budgets: readonly ConfiguredBudget[];
  readonly defaults: CallDefaults;
  readonly dryRun: boolean;
  readonly now: () => number;
  readonly providers: readonly Provider[];
  readonly telemetry: Telemetry;
  readonly reachability: Reachability;
}

/** Providers and the limiter may take so long to close. Then the ledger is closed all the same: it has money to write down. */
const maxClosingMs = 5_000;

/** The client: turns inputs into calls, keeps track of the running ones, and closes them. */
export class VibeClient implements Vibe {
  readonly #parts: ClientParts;
  readonly #settingsOf: (request: RequestBase) => CallSettings;
  readonly #running = new TransitMap<RunningCall>();
  #closing: Promise<void> | null = null;
  #isPrepared = false;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#settingsOf = callSettings(parts.defaults);
  }

  async generate<const S = undefined>(request: ChatInput<S>): Promise<GenerationResponse<InferOutput<S>>> {
    const response = await this.#whole(request, chatRequest(request as ChatInput));
    return response as GenerationResponse<InferOutput<S>>;
  }

  stream(request: ChatInput): GenerationStream {
    return this.#stream(request, () => chatRequest(request));
  }

  async transcribe(request: TranscribeInput): Promise<GenerationResponse> {
    return this.#whole(request, transcribeRequest(request));
  }

  transcribeStream(request: TranscribeInput): GenerationStream {
    return this.#stream(request, () => transcribeRequest(request));
  }

  async speak(request: SpeakInput): Promise<GenerationResponse> {
    return this.#whole(request, speakRequest(request));
  }

  speakStream(request: SpeakInput): GenerationStream {
    return this.#stream(request, () => speakRequest(request));
  }

  async paint(request: PaintInput): Promise<GenerationResponse> {
    return this.#whole(request, paintRequest(request));
  }

  async estimate(request: AnyInput): Promise<Estimate> {
    this.#refuseWhenClosed();
    return (await explain(this.#parts, this.#call(request, normalised(request), false))).estimate;
  }

  async report(query: ReportQuery = {}): Promise<Report> {
    this.#refuseWhenClosed();
    checkReportQuery(query);
    return this.#parts.ledger.report(query);
  }

  async budgets(): Promise<readonly BudgetState[]> {
    this.#refuseWhenClosed();
    return this.#parts.ledger.budgets({ budgets: this.#parts.budgets.map(({ resolved }) => resolved) });
  }

  on<K extends keyof VibeEvents>(event: K, listener: (event: VibeEvents[K]) => void): () => void {
    return this.#parts.events.on(event, listener);
  }

  async flush(): Promise<void> {
    // Closing makes everything durable, or tells why it could not.
    await (this.#closing ?? this.#parts.ledger.flush());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#parts.reachability.close();
    const running = this.#running.values();
    await Promise.all(
      running.map(async (call) => {
        // A drain goes on until its own end, which its timeouts bound.
        if (!call.call.state.draining) await call.leave('the client was closed', 'abort');
        await call.over;
      }),
    );
    await within(this.#closeParts(), maxClosingMs);
    // Last, because it is the one that may have something to say: what could not be written.
    await this.#parts.ledger.close();
  }

  async #closeParts(): Promise<void> {
    const { providers, limiter } = this.#parts;
    await Promise.allSettled([...providers, limiter].map(async (part) => part.close?.()));
  }

  /** Reads a call to its end; nobody looks at its deltas. */
  async #whole(input: RequestBase, request: OperationRequest): Promise<GenerationResponse> {
    this.#refuseWhenClosed();
    if (this.#isDryRun(input)) return this.#dryRun(input, request);
    const running = this.#start(input, request, false);
    await running.drain();
    const ending = await running.ended;
    if ('error' in ending) throw ending.error;
    // Nobody but close() cancels a whole call: an empty answer must not pass for one.
    if (ending.response.status === 'cancelled') {
      throw describeCall(
        new VibeError('cancelled', 'The client was closed before the answer was complete.'),
        running.latest,
      );
    }
    return ending.response;
  }

  #stream(input: RequestBase, request: () => OperationRequest): GenerationStream {
    const callerContext = this.#parts.telemetry.callerContext();
    return generationStream(() => {
      this.#refuseWhenClosed();
      const running = this.#start(input, request(), true);
      running.call.state.callerContext = callerContext;
      return running;
    });
  }

  #start(input: RequestBase, request: OperationRequest, incremental: boolean): RunningCall {
    const call = this.#call(input, request, incremental);
    const isDry = this.#isDryRun(input);
    if (!isDry) this.#prepare();
    const handler = isDry ? this.#dryRunHandler(input, request) : this.#parts.handler;
    const running = new RunningCall(call, handler, input.signal, this.#parts.now);
    this.#running.set(call.id, running);
    void running.over.then(() => this.#running.delete(call.id));
    return running;
  }

  /** Threads and modules of the parts come up side by side; one after the other they would make a first call wait twice as long. */
  #prepare(): void {
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    for (const part of [this.#parts.ledger, ...this.#parts.providers]) {
      try {
        part.prepare?.();
      } catch {
        // Where it is needed it fails again, and is told.
      }
    }
  }

  #call(input: RequestBase, request: OperationRequest, incremental: boolean): LiveCall {
    const startedAtMs = this.#parts.now();
    const id = uuidV7(startedAtMs);
    const settings = this.#settingsOf(input);
    return enteringCall({
      operation: request.operation,
      request: request.request,
      id,
      traceId: input.traceId ?? id,
      incremental,
      cancellation: new Cancellation(),
      startedAtMs,
      settings,
      state: newCallState(),
    });
  }

  /** Whoever made the client dry must be able to rely on it: a request can ask for it, and not out of it. */
  #isDryRun(input: RequestBase): boolean {
    return this.#parts.dryRun || input.dryRun === true;
  }

  #dryRunHandler(input: RequestBase, request: OperationRequest): Handler<LiveCall> {
    const answer = () => this.#dryRun(input, request);
    return async function* () {
      yield { type: 'final', response: await answer() };
    };
  }

  /** The whole decision and the exact wire request, without a socket and without a write. */
  async #dryRun(input: RequestBase, request: OperationRequest): Promise<GenerationResponse> {
    const call = this.#call(input, request, false);
    const leave = input.signal === undefined ? null : call.cancellation.follow(input.signal);
    const { estimate, candidate } = await explain(this.#parts, call).finally(() => leave?.());
    if (candidate !== null) call.state.target = candidate.target;
    call.state.estimatedNanoUsd = candidate?.option.cost.estimatedNanoUsd ?? null;
    const wire = candidate === null ? null : wireOf(call, candidate, call.settings.connectMs);
    const response = responseOf(call, null, this.#parts.now());
    const plan = wire === null ? estimate : { ...estimate, wire };
    const cost = { ...response.cost, actualUsd: null, actualNanoUsd: null };
    return { ...response, status: 'dry_run', finishReason: 'other', cost, plan };
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== null)
      throw new VibeError('invalid_request', 'This client is closed. Make a new one with createVibe().');
  }
}

/** Which operation an input without a method name belongs to. */
function normalised(input: AnyInput): OperationRequest {
  if ('audio' in input) return transcribeRequest(input);
  if ('text' in input) return speakRequest(input);
  if ('count' in input || 'size' in input || 'images' in input) return paintRequest(input);
  return chatRequest(input as ChatInput);
}
