import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earliestMs, fits, type Went } from '../../test/rate-model.js';
import type { Limits } from '../spec/limiter.js';
import type { RateAnswer, RateCall } from './rate-call.js';
import type { Admission } from './sliding-log.js';
import { TargetLimits } from './target-limits.js';

const minuteMs = 100;

interface TestCall extends RateCall {
  readonly name: number;
}

let lastName = 0;
function call(limits: Limits, change: Partial<TestCall> = {}): TestCall {
  return { name: ++lastName, id: 0, requests: 1, tokens: 0, limits, deadlineMs: Infinity, mine: true, ...change };
}

const admissionOf = (answer: RateAnswer): Admission => {
  if (answer.kind !== 'admitted') throw new Error(`it was ${answer.kind}`);
  return answer.admission;
};

describe('the limits of a target', () => {
  it('say at once who goes, who waits how long in which place, and who may not even wait', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const limits = { rpm: 1, tpm: 10 };
    expect(target.ask(call(limits), 0)).toMatchObject({ kind: 'admitted' });
    expect(target.ask(call(limits), 40)).toEqual({ kind: 'waiting', waitMs: 60, known: true, place: 0 });
    expect(target.ask(call(limits), 50)).toEqual({ kind: 'waiting', waitMs: 150, known: true, place: 1 });
    expect(target.ask(call(limits, { deadlineMs: 299 }), 60)).toEqual({ kind: 'refused', why: 'late', waitMs: 240 });
    expect(target.ask(call(limits, { tokens: 11 }), 60)).toEqual({ kind: 'refused', why: 'never', waitMs: null });
    expect(target.waiting).toBe(2);
    expect(target.advance(99)).toMatchObject({ admitted: [], nextMs: 100 });
    expect(target.advance(100)).toMatchObject({ admitted: [{}], nextMs: 200 });
  });

  it('let the line move up when less was used than estimated, when somebody leaves, and when a request was never sent', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const limits = { tpm: 10 };
    const ask = (tokens: number) => call(limits, { tokens });
    const [first, second] = [target.ask(ask(6), 0), target.ask(ask(4), 10)].map(admissionOf) as [Admission, Admission];
    const line = [ask(8), ask(2), ask(10)];
    expect(line.map((each) => target.ask(each, 20))).toMatchObject([{ waitMs: 90 }, { waitMs: 90 }, { waitMs: 190 }]);
    target.correct(first, 1);
    expect(target.advance(20)).toMatchObject({ admitted: [], nextMs: 110 });
    target.leave(line[0] as TestCall);
    expect(target.advance(20).admitted.map(({ call: { name } }) => name)).toEqual([line[1]?.name]);
    target.giveBack(second, 'UTC');
    expect(target.advance(20)).toMatchObject({ admitted: [], nextMs: 120 });
  });

  it('make the line wait longer when more was used than estimated, each until its own deadline', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const limits = { tpm: 10 };
    admissionOf(target.ask(call(limits, { tokens: 5 }), 0));
    const later = admissionOf(target.ask(call(limits, { tokens: 5 }), 50));
    const patient = call(limits, { tokens: 5, deadlineMs: 160 });
    const hurried = call(limits, { tokens: 5, deadlineMs: 155 });
    expect(target.ask(patient, 60)).toMatchObject({ kind: 'waiting', waitMs: 40 });
    expect(target.ask(hurried, 60)).toMatchObject({ kind: 'waiting', waitMs: 90 });
    target.correct(later, 8);
    expect(target.advance(100)).toMatchObject({ admitted: [], refused: [], nextMs: 150 });
    expect(target.advance(150)).toMatchObject({ admitted: [{ call: patient }, { call: hurried }], refused: [] });

    const target2 = new TargetLimits<TestCall>({ minuteMs });
    const estimated = admissionOf(target2.ask(call(limits, { tokens: 5 }), 0));
    target2.ask(call(limits, { tokens: 5 }), 0);
    const refused = call(limits, { tokens: 6, deadlineMs: 100 });
    const next = call(limits, { tokens: 2, deadlineMs: 300 });
    target2.ask(refused, 10);
    target2.ask(next, 10);
    target2.redate(estimated, 10);
    expect(target2.advance(100)).toMatchObject({ refused: [refused], admitted: [{ call: next }] });
  });

  it('bound the requests in flight: who finds no slot waits for the next one to end, in order', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const limits = { concurrency: 1 };
    admissionOf(target.ask(call(limits), 0));
    expect(target.ask(call(limits, { deadlineMs: 0 }), 0)).toEqual({ kind: 'refused', why: 'slots', waitMs: null });
    const line = [call(limits, { deadlineMs: 90 }), call(limits, { deadlineMs: 50 }), call({}, { deadlineMs: 70 })];
    expect(line.map((each) => target.ask(each, 0))).toMatchObject([
      { kind: 'waiting', waitMs: 90, known: false, place: 0 },
      { kind: 'waiting', waitMs: 50, known: false, place: 1 },
      { kind: 'waiting', waitMs: 70, known: false, place: 2 },
    ]);
    expect(target.advance(49)).toMatchObject({ admitted: [], refused: [], nextMs: 50 });
    expect(target.advance(50)).toMatchObject({ admitted: [], refused: [line[1]], nextMs: 70 });
    target.inFlight--;
    expect(target.advance(60)).toMatchObject({ admitted: [{ call: line[0] }, { call: line[2] }], nextMs: Infinity });
    expect(target.inFlight).toBe(2);
  });

  it('refuse a wait for a slot at once when the windows alone take longer than it may wait', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const limits = { concurrency: 1, rpm: 1 };
    admissionOf(target.ask(call(limits), 0));
    expect(target.ask(call(limits, { deadlineMs: 99 }), 0)).toEqual({ kind: 'refused', why: 'late', waitMs: 100 });
  });

  it('stay closed as long as they were told, and refuse at once who cannot wait so long', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const [patient, hurried] = [call({ rpm: 5 }, { deadlineMs: 80 }), call({ rpm: 5 }, { deadlineMs: 40 })];
    target.closeUntil(30);
    expect([patient, hurried].map((each) => target.ask(each, 0))).toMatchObject([{ waitMs: 30 }, { waitMs: 30 }]);
    target.closeUntil(60);
    target.closeUntil(50);
    expect(target.advance(10)).toMatchObject({ admitted: [], refused: [hurried], nextMs: 60 });
    expect(target.advance(60)).toMatchObject({ admitted: [{ call: patient }] });
  });

  it('give a call that is larger than a burst a short window to itself', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const limits = { tpm: 100, burst: { windowMs: 10, tokens: 10 } };
    expect(target.ask(call(limits, { tokens: 5 }), 0)).toMatchObject({ kind: 'admitted' });
    expect(target.ask(call(limits, { tokens: 50, deadlineMs: 0 }), 0)).toMatchObject({ why: 'late', waitMs: 10 });
    expect(target.ask(call(limits, { tokens: 50 }), 10)).toMatchObject({ kind: 'admitted' });
    expect(target.ask(call(limits, { tokens: 1 }), 15)).toMatchObject({ kind: 'waiting', waitMs: 5 });
    expect(target.ask(call(limits, { tokens: 50, deadlineMs: 30 }), 15)).toMatchObject({ why: 'late', waitMs: 95 });
  });

  it('keep the place of those whom another process lets go, and hold up nobody else for them', () => {
    const target = new TargetLimits<TestCall>({ minuteMs });
    const limits = { rpm: 2 };
    for (const atMs of [0, 0]) admissionOf(target.ask(call(limits), atMs));
    const theirs = call(limits, { mine: false });
    target.join(theirs);
    const ours = call(limits);
    expect(target.ask(ours, 50)).toMatchObject({ waitMs: 50, place: 1 });
    expect(target.ask(call(limits, { deadlineMs: 199 }), 50)).toMatchObject({ why: 'late', waitMs: 150 });
    expect(target.advance(100)).toMatchObject({ admitted: [{ call: ours }], refused: [] });
    // Nobody gets the room of the one that has not gone yet.
    expect(target.ask(call(limits, { deadlineMs: 140 }), 140)).toMatchObject({ why: 'late', waitMs: 60 });
    target.leave(theirs);
    expect(target.ask(call(limits, { deadlineMs: 140 }), 140)).toMatchObject({ kind: 'admitted' });
  });

  it('do not let a line grow without end', () => {
    const target = new TargetLimits<TestCall>({ minuteMs, maxWaiting: 2 });
    const limits = { concurrency: 1 };
    const answers = [0, 0, 0, 0].map(() => target.ask(call(limits), 0));
    expect(answers.map((answer) => (answer.kind === 'refused' ? answer.why : answer.kind))).toEqual([
      'admitted',
      'waiting',
      'waiting',
      'full',
    ]);
  });
});

interface Event {
  readonly act: 'ask' | 'correct' | 'end' | 'leave' | 'close' | 'pass';
  readonly gapMs: number;
  readonly tokens: number;
  readonly maxWaitMs: number;
  readonly which: number;
}

const event = (acts: readonly Event['act'][]): fc.Arbitrary<Event> =>
  fc.record({
    act: fc.constantFrom(...acts),
    gapMs: fc.oneof(fc.constant(0), fc.nat(60)),
    tokens: fc.nat(12),
    maxWaitMs: fc.oneof(fc.constant(0), fc.nat(300), fc.constant(100_000)),
    which: fc.nat(30),
  });

const anyLimits: fc.Arbitrary<Limits> = fc.record(
  {
    rpm: fc.integer({ min: 1, max: 8 }),
    tpm: fc.integer({ min: 12, max: 40 }),
    burst: fc.record(
      {
        windowMs: fc.integer({ min: 1, max: 100 }),
        requests: fc.integer({ min: 1, max: 4 }),
        tokens: fc.integer({ min: 4, max: 20 }),
      },
      { requiredKeys: ['windowMs'] },
    ),
    concurrency: fc.integer({ min: 1, max: 6 }),
  },
  { requiredKeys: [] },
);

interface Asked {
  readonly call: TestCall;
  readonly askedAtMs: number;
  readonly answer: RateAnswer;
}

/** Drives a target through events with a timer that may be late, and keeps account of everything by itself. */
function drive(limits: Limits, events: readonly Event[], lateness: (index: number) => number) {
  const target = new TargetLimits<TestCall>({ minuteMs });
  const asked: Asked[] = [];
  const went: { readonly call: TestCall; readonly admission: Admission; readonly load: Went; readonly atMs: number }[] =
    [];
  const refusedLate: { readonly call: TestCall; readonly atMs: number }[] = [];
  const inFlight = new Set<Admission>();
  const left = new Set<TestCall>();
  let nowMs = 0;
  let timers = 0;
  const go = (each: TestCall, admission: Admission) => {
    const load = { atMs: nowMs, requests: admission.requests, tokens: admission.tokens };
    expect(
      fits(
        went.map(({ load: before }) => before),
        load,
        limits,
        minuteMs,
      ),
    ).toBe(true);
    inFlight.add(admission);
    expect(inFlight.size).toBeLessThanOrEqual(limits.concurrency ?? Infinity);
    went.push({ call: each, admission, load, atMs: nowMs });
  };
  const advance = () => {
    const { admitted, refused, nextMs } = target.advance(nowMs);
    for (const { call: each, admission } of admitted) go(each, admission);
    for (const each of refused) refusedLate.push({ call: each, atMs: nowMs });
    return nextMs;
  };
  const passTo = (untilMs: number) => {
    for (;;) {
      const wakeMs = advance() + lateness(timers++);
      if (wakeMs > untilMs) break;
      nowMs = Math.max(nowMs, wakeMs);
    }
    nowMs = Math.max(nowMs, untilMs);
    advance();
  };
  for (const { act, gapMs, tokens, maxWaitMs, which } of events) {
    passTo(nowMs + gapMs);
    const chosen = went.at(-1 - which);
    if (act === 'ask') {
      const each = call(limits, { tokens, deadlineMs: nowMs + maxWaitMs });
      const before = went.map(({ load }) => load);
      const planned = asked
        .filter(({ call: other }) => target.waiting > 0 && isWaiting(other))
        .map(({ call: other }) => other);
      const answer = target.ask(each, nowMs);
      if (answer.kind === 'admitted') go(each, answer.admission);
      asked.push({ call: each, askedAtMs: nowMs, answer });
      if (limits.concurrency === undefined && target.closedUntilMs <= nowMs) checkAnswer(answer, each, before, planned);
    } else if (act === 'correct' && chosen !== undefined) {
      const real = Math.min(tokens, chosen.admission.tokens);
      target.correct(chosen.admission, real);
      chosen.load.tokens = real;
    } else if (act === 'end' && chosen !== undefined && inFlight.delete(chosen.admission)) {
      target.inFlight--;
      if (tokens % 2 === 0) {
        target.giveBack(chosen.admission, 'UTC');
        Object.assign(chosen.load, { requests: 0, tokens: 0 });
      }
    } else if (act === 'leave') {
      const waiting = asked.map(({ call: each }) => each).filter(isWaiting);
      const leaver = waiting.at(which % Math.max(1, waiting.length));
      if (leaver !== undefined && target.leave(leaver)) left.add(leaver);
    } else if (act === 'close') target.closeUntil(nowMs + tokens * 10);
    advance();
  }
  function isWaiting(each: TestCall): boolean {
    return (
      asked.some(({ call: other, answer }) => other === each && answer.kind === 'waiting') &&
      !went.some(({ call: other }) => other === each) &&
      !refusedLate.some(({ call: other }) => other === each) &&
      !left.has(each)
    );
  }
  function checkAnswer(answer: RateAnswer, each: TestCall, before: readonly Went[], line: readonly TestCall[]) {
    const all: Went[] = before.map((load) => ({ ...load }));
    let fromMs = nowMs;
    for (const other of line) {
      fromMs = earliestMs(all, other, limits, minuteMs, fromMs);
      all.push({ atMs: fromMs, requests: other.requests, tokens: other.tokens });
    }
    const waitMs = earliestMs(all, each, limits, minuteMs, fromMs) - nowMs;
    if (waitMs === 0) expect(answer.kind).toBe('admitted');
    else if (nowMs + waitMs > each.deadlineMs) expect(answer).toEqual({ kind: 'refused', why: 'late', waitMs });
    else expect(answer).toEqual({ kind: 'waiting', waitMs, known: true, place: line.length });
  }
  return { asked, went, refusedLate, left };
}

function assertFirstComeFirstServed({ asked, went }: ReturnType<typeof drive>): void {
  const order = new Map(asked.map(({ call: { name } }, index) => [name, index]));
  const served = went.map(({ call: { name } }) => order.get(name));
  expect(served).toEqual(served.toSorted((first, second) => Number(first) - Number(second)));
}

describe('whatever happens, the limits of a target', () => {
  const never = () => 0;

  it('keep every true window, first come first served, and nobody waits past the deadline', () => {
    const acts = ['ask', 'ask', 'ask', 'correct', 'end', 'leave', 'close', 'pass'] as const;
    fc.assert(
      fc.property(anyLimits, fc.array(event(acts), { maxLength: 60, size: 'max' }), (limits, events) => {
        const run = drive(limits, events, never);
        assertFirstComeFirstServed(run);
        for (const { call: each, atMs } of run.went) expect(atMs).toBeLessThanOrEqual(each.deadlineMs);
        for (const { call: each, atMs } of run.refusedLate) expect(atMs).toBeLessThanOrEqual(each.deadlineMs);
      }),
      { numRuns: 300 },
    );
  });

  it('keep every true window also when their timer is late', () => {
    const acts = ['ask', 'ask', 'correct', 'end', 'leave', 'close', 'pass'] as const;
    const input = [
      anyLimits,
      fc.array(event(acts), { maxLength: 60, size: 'max' }),
      fc.array(fc.nat(40), { minLength: 1 }),
    ] as const;
    fc.assert(
      fc.property(...input, (limits, events, late) => {
        assertFirstComeFirstServed(drive(limits, events, (index) => late[index % late.length] ?? 0));
      }),
      { numRuns: 200 },
    );
  });

  it('are waited for exactly as long as was said when everybody uses what was estimated', () => {
    fc.assert(
      fc.property(
        anyLimits,
        fc.array(event(['ask']), { maxLength: 60, size: 'max' }),
        ({ concurrency: _, ...limits }, events) => {
          const { asked, went } = drive(limits, events, never);
          const wentAt = new Map(went.map(({ call: each, atMs }) => [each, atMs]));
          for (const { call: each, askedAtMs, answer } of asked) {
            const atMs = wentAt.get(each);
            if (answer.kind === 'waiting' && atMs !== undefined) expect(atMs - askedAtMs).toBe(answer.waitMs);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are never waited for longer than was said when nobody uses more than was estimated', () => {
    const acts = ['ask', 'ask', 'ask', 'correct', 'end', 'leave', 'pass'] as const;
    fc.assert(
      fc.property(anyLimits, fc.array(event(acts), { maxLength: 60, size: 'max' }), (limits, events) => {
        const { asked, went, refusedLate } = drive(limits, events, never);
        const wentAt = new Map(went.map(({ call: each, atMs }) => [each, atMs]));
        const refused = new Set(refusedLate.map(({ call: each }) => each));
        for (const { call: each, askedAtMs, answer } of asked) {
          if (answer.kind !== 'waiting') continue;
          expect((wentAt.get(each) ?? askedAtMs) - askedAtMs).toBeLessThanOrEqual(answer.waitMs);
          // A known wait ends in a permit.
          if (answer.known) expect(refused.has(each)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});
