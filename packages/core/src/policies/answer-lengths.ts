/** Shapes that are remembered; programs make a handful of kinds of requests. */
const maxShapes = 1_000;
/** How fast old answers are forgotten: a target changes with a new version of its model, a kind of request hardly ever. */
const newestShare = 0.04;
const newestShapeShare = 0.01;
/** How many answers the belief that a target is like the others is worth, and how fast it grows back. */
const assumedAnswers = 8;
const usualShare = 0.01;
/** A second answer that is e to the power of this away from what is usual halves that belief: it is no chance any more. */
const unmistakable = 0.5;
/** What one answer may say at most: a model may run wild once. */
const maxRatio = 20;

interface Shape {
  share: number;
  answers: number;
}

/** How long the answers of one target are, compared with those of others to the same kind of request. */
export class Verbosity {
  /** 1.3 is a third more than usual. The fewer answers say so, and the less unmistakably, the nearer it is to 1. */
  ratio = 1;
  answers = 0;
  #mean = 1;

  learn(ratio: number): void {
    this.answers++;
    this.#mean += (ratio - this.#mean) * Math.max(1 / this.answers, newestShare);
    // Where nobody else answers such requests, what is usual must in the end be what it does.
    this.#mean += (1 - this.#mean) * usualShare;
    const log = Math.log(Math.max(this.#mean, 1 / maxRatio));
    const doubt = assumedAnswers / (1 + (this.answers - 1) * (log / unmistakable) ** 2);
    this.ratio = Math.exp((log * this.answers) / (this.answers + doubt));
  }
}

/**
 * How much of the output that requests of one shape may have is really used. What a target adds of its own is taken out, so
 * that one wordy target does not make all answers look long.
 */
export class AnswerLengths {
  readonly #shapes = new Map<string, Shape>();

  /** Null: no request of this shape has been answered. */
  shareOf(shape: string): number | null {
    return this.#shapes.get(shape)?.share ?? null;
  }

  /** `expectedTokens` is what was expected of the answer, which has `tokens`. */
  learn(shape: string, verbosity: Verbosity, expectedTokens: number, tokens: number): void {
    const used = tokens / expectedTokens;
    let known = this.#shapes.get(shape);
    if (known === undefined) {
      if (this.#shapes.size >= maxShapes) this.#shapes.clear();
      known = { share: used / verbosity.ratio, answers: 0 };
      this.#shapes.set(shape, known);
    }
    if (known.share > 0) verbosity.learn(Math.min(maxRatio, used / known.share));
    known.answers++;
    known.share += (used / verbosity.ratio - known.share) * Math.max(1 / known.answers, newestShapeShare);
  }
}
