// What a request wants from the server stands in its path: /latency=200,events=2000,pack=64/v1/chat/completions

const defaults = {
  /** Milliseconds before the answer begins. */
  latency: 0,
  /** Deltas of a stream. */
  events: 16,
  /** Events per write: 1 is one event per packet. */
  pack: 64,
  /** With pack=1: microseconds between two events, so that each of them travels alone. */
  pace: 0,
  /** A stream that goes on until the client leaves; one event per this many milliseconds. */
  endless: 0,
  /** Share of requests that fail, 0..1, and the seed of the choice. The prompt must contain `call N`. */
  faults: 0,
  seed: 1,
};

const known = new Map();

/** The options in a path; what is not said has its default. */
export function optionsOf(path) {
  const found = known.get(path);
  if (found) return found;
  const options = { ...defaults };
  for (const pair of path.split('/')[1].split(',')) {
    const [name, value] = pair.split('=');
    if (Object.hasOwn(options, name)) options[name] = Number(value);
  }
  if (known.size < 1000) known.set(path, options);
  return options;
}
