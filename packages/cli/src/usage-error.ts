/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  /** What to type instead. */
  readonly next: readonly string[];

  constructor(message: string, next: readonly string[] = []) {
    super(message);
    this.next = next;
  }
}
