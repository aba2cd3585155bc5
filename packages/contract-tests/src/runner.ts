/** What a suite needs of a test runner. vitest, node:test, mocha and jest all have it. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => void | Promise<void>): void;
}
