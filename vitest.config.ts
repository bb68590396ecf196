import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/run/longest-first.ts";

/** Files that remove from the engines what other files build on. */
const alone = ["test/e2e/locks.test.ts"];

const e2e = { globalSetup: ["test/e2e/setup.ts"], testTimeout: 600_000, hookTimeout: 600_000 };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/architecture.test.ts"] } },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...e2e,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: alone,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...e2e, name: "e2e-alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
