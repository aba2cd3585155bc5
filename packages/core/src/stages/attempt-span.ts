import type { PermittedAttempt, Stage } from '../flow/live-call.js';
import type { Telemetry } from '../telemetry/telemetry.js';

/** One CLIENT span around a physical request, and its measurements. The meter inside has its record ready at the end. */
export function attemptSpan(telemetry: Telemetry): Stage<PermittedAttempt> {
  return (next) => (call) => {
    const trace = telemetry.startAttempt(call);
    if (trace === null) return next(call);
    call.state.endings.push(() => {
      const record = call.state.attempts.find(({ attempt }) => attempt === call.attempt);
      telemetry.endAttempt(() => trace.end(record));
    });
    return trace.around(() => next(call));
  };
}
