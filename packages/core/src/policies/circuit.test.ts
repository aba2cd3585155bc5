import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Circuit } from './circuit.js';

const options = { failures: 3, failRate: 0.5, windowMs: 1_000, cooldownMs: 100, probes: 2 };

function opened(): Circuit {
  const circuit = new Circuit(options);
  for (let failure = 0; failure < 3; failure++) circuit.failure(false, 0);
  return circuit;
}

describe('a circuit', () => {
  it('opens after the configured failures in a row', () => {
    const circuit = new Circuit(options);
    circuit.failure(false, 0);
    circuit.failure(false, 0);
    expect(circuit.status(0)).toBe('closed');
    circuit.failure(false, 0);
    expect(circuit.status(0)).toBe('open');
    expect(circuit.enter(40)).toEqual({ admitted: false, retryAfterMs: 60 });
  });

  it('stays closed while others answer: failures are quicker than answers', () => {
    const circuit = new Circuit({ ...options, failures: 3 });
    circuit.failure(false, 0);
    const begun = [circuit.began(), circuit.began()];
    circuit.failure(false, 0);
    circuit.failure(false, 0);
    circuit.failure(false, 0);
    expect(circuit.status(0)).toBe('closed');
    for (const begunIn of begun) circuit.failure(false, 0, begunIn);
    expect(circuit.status(0)).toBe('open');
  });

  it('takes answers that began before the first failure for no sign of life', () => {
    const circuit = new Circuit(options);
    for (let answer = 0; answer < 20; answer++) circuit.began();
    for (let failure = 0; failure < 3; failure++) circuit.failure(false, 0);
    expect(circuit.status(0)).toBe('open');
  });

  it('counts what answers now as good where it looks at the fail rate, and as bad when it fails', () => {
    const of = (answering: number) => {
      const circuit = new Circuit({ ...options, failures: 100 });
      const begun = Array.from({ length: answering }, () => circuit.began());
      for (let failure = 0; failure < 10; failure++) circuit.failure(false, 500);
      return { circuit, begun };
    };
    expect(of(10).circuit.status(500)).toBe('open');
    const { circuit, begun } = of(11);
    expect(circuit.status(500)).toBe('closed');
    circuit.failure(false, 500, begun[0]);
    expect(circuit.status(500)).toBe('open');
  });

  it('counts an answer of before it opened neither way', () => {
    const circuit = new Circuit(options);
    const late = circuit.began();
    for (let failure = 0; failure < 3; failure++) circuit.failure(false, 0);
    circuit.adopt('closed', 0, 10);
    circuit.success(false, 20, late);
    const begun = [circuit.began(), circuit.began()];
    expect(begun).toHaveLength(2);
    for (let failure = 0; failure < 3; failure++) circuit.failure(false, 30);
    expect(circuit.status(30)).toBe('open');
  });

  it('counts failures in a row anew after a success', () => {
    const circuit = new Circuit(options);
    circuit.failure(false, 0);
    circuit.failure(false, 0);
    circuit.success(false, 0);
    circuit.failure(false, 0);
    expect(circuit.status(0)).toBe('closed');
  });

  it('opens by fail rate within the window, and only with enough outcomes', () => {
    const circuit = new Circuit({ ...options, failures: 100 });
    for (let pair = 0; pair < 4; pair++) {
      circuit.success(false, 500);
      circuit.failure(false, 500);
    }
    expect(circuit.status(500)).toBe('closed');
    circuit.success(false, 500);
    circuit.failure(false, 500);
    expect(circuit.status(500)).toBe('open');
  });

  it('forgets outcomes that have left the window', () => {
    const circuit = new Circuit({ ...options, failures: 100 });
    for (let failure = 0; failure < 9; failure++) circuit.failure(false, 0);
    circuit.failure(false, 1_001);
    expect(circuit.status(1_001)).toBe('closed');
  });

  it('lets exactly the configured number of probes through at the same time after the cooldown', () => {
    const circuit = opened();
    expect(circuit.status(100)).toBe('half_open');
    expect([1, 2, 3].map(() => circuit.enter(100).admitted)).toEqual([true, true, false]);
    circuit.giveBack(true);
    expect(circuit.enter(100)).toEqual({ admitted: true, probe: true });
  });

  it('closes when a probe succeeds and opens again when one fails', () => {
    const good = opened();
    good.enter(100);
    good.success(true, 110);
    expect(good.status(110)).toBe('closed');
    const bad = opened();
    bad.enter(100);
    bad.failure(true, 110);
    expect(bad.enter(150)).toEqual({ admitted: false, retryAfterMs: 60 });
  });

  it('is not closed by a late success from before it opened', () => {
    const circuit = opened();
    circuit.enter(100);
    circuit.success(false, 105);
    expect(circuit.status(105)).toBe('half_open');
  });

  it('never admits more unfinished probes than configured, whatever happens', () => {
    const step = fc.constantFrom('enter', 'success', 'failure', 'giveBack', 'wait');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const circuit = opened();
        let nowMs = 0;
        let probesOut = 0;
        for (const action of steps) {
          if (action === 'wait') nowMs += 60;
          else if (action === 'enter') {
            const admission = circuit.enter(nowMs);
            if (admission.admitted && admission.probe) probesOut++;
          } else if (probesOut > 0) {
            if (action === 'giveBack') circuit.giveBack(true);
            else circuit[action](true, nowMs);
            probesOut--;
            // A probe that decides ends the half-open phase: what other probes say later no longer counts.
            if (action !== 'giveBack') probesOut = 0;
          }
          expect(probesOut).toBeLessThanOrEqual(options.probes);
        }
      }),
    );
  });
});
