import type { PermittedAttempt } from '../flow/live-call.js';
import { usdOf } from '../money/nano-usd.js';
import type { AttemptRecord } from '../spec/response.js';
import type { CircuitStatus } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import { attributesOf, streams } from './attributes.js';
import {
  type AttributeNames,
  attributeNames,
  breakerStates,
  metricNames,
  providerName,
  type Semconv,
  secondBuckets,
} from './names.js';
import type { Attributes, OtelCounter, OtelMeter, OtelRecorder } from './otel-api.js';
import { type RecordTokens, tokenRecorder } from './token-metrics.js';

const seconds = { unit: 's', advice: { explicitBucketBoundaries: secondBuckets } };

/** The metrics of a client. Every client of a process that uses the same meter adds to the same ones. */
export class Instruments {
  readonly #names: AttributeNames;
  readonly #duration: OtelRecorder;
  readonly #timeToFirstChunk: OtelRecorder;
  readonly #cost: OtelCounter;
  readonly #costUnknown: OtelCounter;
  readonly #held: OtelCounter;
  readonly #limiterWait: OtelRecorder;
  readonly #breakerState: OtelRecorder;
  readonly #recordTokens: RecordTokens;

  constructor(meter: OtelMeter, semconv: Semconv) {
    this.#names = attributeNames[semconv];
    const names = metricNames[semconv];
    this.#duration = meter.createHistogram(names.duration, { ...seconds, description: 'Duration of an attempt.' });
    this.#timeToFirstChunk = meter.createHistogram(names.timeToFirstChunk, {
      ...seconds,
      description: 'Time from the request of an attempt to the first piece of its streamed answer.',
    });
    this.#recordTokens = tokenRecorder(meter, semconv);
    this.#cost = meter.createCounter(names.cost, { unit: '{USD}', description: 'What attempts have cost.' });
    this.#costUnknown = meter.createCounter(names.costUnknown, {
      unit: '{attempt}',
      description: 'Attempts whose cost is not known, and not counted as cost.',
    });
    this.#held = meter.createUpDownCounter(names.held, {
      unit: '{USD}',
      description: 'Worst cases set aside for the calls that are running in this process.',
    });
    this.#limiterWait = meter.createHistogram(names.limiterWait, {
      ...seconds,
      description: 'Time an attempt has waited for rate limits before it was sent.',
    });
    this.#breakerState = meter.createGauge(names.breakerState, {
      unit: '1',
      description: 'State of a circuit since it first changed: 0 closed, 1 half open, 2 open.',
    });
  }

  /** `identity`: the attributes that all measurements of the attempt share. */
  attempt(call: PermittedAttempt, record: AttemptRecord, identity: Attributes): void {
    const names = this.#names;
    const { endpoint } = call.candidate.target;
    const served = attributesOf({ ...identity, [names.responseModel]: record.servedModel });
    const errorType = record.status === 'failed' ? record.errorCode : null;
    this.#duration.record(record.totalMs / 1000, attributesOf({ ...served, [names.errorType]: errorType }));
    if (record.ttftMs !== null && streams(call)) this.#timeToFirstChunk.record(record.ttftMs / 1000, served);
    this.#recordTokens(record.usage, call.candidate.option.manifest, served);
    const own = { ...identity, [names.endpoint]: endpoint };
    this.#limiterWait.record(record.waitMs / 1000, own);
    const { actualNanoUsd } = record;
    if (actualNanoUsd === null) this.#costUnknown.add(1, own);
    else if (actualNanoUsd > 0)
      this.#cost.add(usdOf(actualNanoUsd), attributesOf({ ...own, [names.usageSource]: record.usage?.source }));
  }

  held(byNanoUsd: number): void {
    if (byNanoUsd !== 0) this.#held.add(usdOf(byNanoUsd));
  }

  breaker({ provider, profile, endpoint, model }: Target, state: CircuitStatus): void {
    const names = this.#names;
    this.#breakerState.record(breakerStates[state], {
      [names.provider]: providerName(provider),
      [names.requestModel]: model,
      [names.endpoint]: endpoint,
      [names.profile]: profile,
    });
  }
}
