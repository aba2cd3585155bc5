import { cpu } from './cpu.mjs';
import { stream } from './stream.mjs';

/** The parts of the benchmark, in the order they run. Each resolves with rows of the table. */
export const rows = { cpu, stream };
