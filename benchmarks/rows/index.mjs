import { breaks } from './breaks.mjs';
import { cpu } from './cpu.mjs';
import { faults } from './faults.mjs';
import { imports } from './import.mjs';
import { firstToken, latency } from './latency.mjs';
import { load } from './load.mjs';
import { memory } from './memory.mjs';
import { stream } from './stream.mjs';

/** The parts of the benchmark, in the order they run. Each resolves with rows of the table. */
export const parts = { cpu, latency, stream, ttft: firstToken, memory, breaks, faults, load, import: imports };
