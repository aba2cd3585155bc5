import type { LiveCall, Stage } from '../flow/live-call.js';
import type { Telemetry } from '../telemetry/telemetry.js';

/** One span around the call. Not there at all while no OpenTelemetry is registered. */
export function callSpan(telemetry: Telemetry): Stage<LiveCall> {
  return (next) => (call) => {
    const trace = telemetry.startCall(call);
    if (trace === null) return next(call);
    call.state.endings.push((outcome) => telemetry.endCall(call, () => trace.end(outcome)));
    return trace.around(() => next(call));
  };
}
