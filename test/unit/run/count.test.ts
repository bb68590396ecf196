import { expect, test } from "vitest";
import { count, summaryLine } from "../../run/vitest.ts";

const results = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
};
const unloadable = { status: "failed", assertionResults: [] };

test.each([
  ["all is well", results, 0, "5 passed, 0 failed"],
  [
    "some were skipped",
    { ...results, numPendingTests: 2, numTodoTests: 1 },
    0,
    "5 passed, 0 failed, 3 skipped",
  ],
  ["a test failed", { ...results, numFailedTests: 1 }, 1, "5 passed, 1 failed"],
  ["a file could not be loaded", { ...results, testResults: [unloadable] }, 1, "5 passed, 1 failed"],
  ["an error came from outside the tests", results, 1, "5 passed, 1 failed"],
  ["there are no results", null, 0, "0 passed, 1 failed"],
])("when %s", (_, given, exitCode, line) => {
  expect(summaryLine(count(given, exitCode))).toBe(line);
});
