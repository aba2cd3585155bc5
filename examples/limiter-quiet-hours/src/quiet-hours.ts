import { definePlugin, type Limiter, memoryLimiter, rateLimited } from '@vibe/core';

export interface QuietHoursOptions {
  /** Hours of the day, 0 to 24; `from` may be later than `to`. The same hour twice: all day. */
  readonly from: number;
  readonly to: number;
  /** IANA. Default UTC. */
  readonly timezone?: string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A limiter that lets nothing go in quiet hours; outside of them it is the one in memory. */
const quietHours = definePlugin({
  name: '@vibe/example-limiter-quiet-hours',
  specVersion: 'v1',
  create: ({ from, to, timezone = 'UTC' }: QuietHoursOptions, { now }): Limiter => {
    const inner = memoryLimiter(now);
    const clock = new Intl.DateTimeFormat('en', {
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
      timeZone: timezone,
    });
    /** How long it stays quiet, to the end of the last quiet hour at the most; 0 outside of quiet hours. */
    const quietMs = (): number => {
      // The minutes too: not every zone is whole hours away from UTC.
      const [hour = 0, minute = 0] = clock.format(now()).split(':').map(Number);
      const isQuiet = from === to || (from < to ? hour >= from && hour < to : hour >= from || hour < to);
      const hourLeftMs = (60 - minute) * minuteMs - (now() % minuteMs);
      return isQuiet ? ((to - hour + 23) % 24) * hourMs + hourLeftMs : 0;
    };
    return {
      ...inner,
      async acquire(target, demand, options) {
        const waitMs = quietMs();
        if (waitMs === 0) return inner.acquire(target, demand, options);
        const ask = { ...demand, limits: options.limits };
        throw rateLimited(target, { why: 'late', ask, waitMs, maxWaitMs: options.maxWaitMs, isClosed: false });
      },
      async peek(target, options) {
        const state = await inner.peek(target, options);
        return { ...state, nextFreeInMs: Math.max(state.nextFreeInMs, quietMs()) };
      },
    };
  },
});
export default quietHours;
