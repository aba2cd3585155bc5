/** Ends a command with one sentence for the reader: what failed and the next step. */
export class Failure extends Error {
  /** `output`: what the failed tool said; it is shown before the sentence. */
  constructor(message, output = '') {
    super(message);
    this.name = 'Failure';
    this.output = output;
  }
}
