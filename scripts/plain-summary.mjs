/**
 * The totals of a test run. A module that could not be collected, a suite whose hook failed and an error outside of
 * all tests count as one failure each: a run that says "0 failed" has really passed.
 */
export function countTests(modules, unhandledErrors) {
  const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    const tests = [...module.children.allTests()];
    for (const test of tests) {
      const { state } = test.result();
      if (state === 'passed' || state === 'failed') totals[state] += 1;
      else totals.skipped += 1;
    }
    totals.failed += module.errors().length;
    for (const suite of module.children.allSuites()) totals.failed += suite.errors().length;
  }
  return totals;
}

/** A vitest reporter: the last line of a run, for people and for scripts. */
export default class PlainSummary {
  onTestRunEnd(modules, unhandledErrors) {
    const { passed, failed, skipped } = countTests(modules, unhandledErrors);
    process.stdout.write(`\ntests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}
