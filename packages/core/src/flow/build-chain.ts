import type { ChainHandler, Stage } from './live-call.js';

/** A chain under construction. `In` is what its first stage takes, `Out` what its next stage will get. */
export interface ChainBuilder<In, Out> {
  /** Adds a stage inside those that are already there. A stage that needs what no earlier one provides does not compile. */
  use<Next extends Out>(stage: Stage<Out, Next>): ChainBuilder<In, Next>;
  end(handler: ChainHandler<Out>): ChainHandler<In>;
}

/** Starts a chain. Stages run in the order they are written, top to bottom. */
export function chain<C>(): ChainBuilder<C, C> {
  return builder<C, C>((handler) => handler);
}

function builder<In, Out>(wrap: (handler: ChainHandler<Out>) => ChainHandler<In>): ChainBuilder<In, Out> {
  return {
    use: <Next extends Out>(stage: Stage<Out, Next>) => builder<In, Next>((handler) => wrap(stage(handler))),
    end: wrap,
  };
}
