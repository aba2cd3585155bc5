/** What lies further ahead was written before the clock was set back: clocks of one host differ by rounding only. */
export const clockSlackMs = 1_000;
