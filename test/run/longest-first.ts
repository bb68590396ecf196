import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take more than a minute, longest first: begun last, one would run alone at the end. */
const longest = [
  "test/e2e/image/build.test.ts",
  "test/e2e/suites-and-architectures.test.ts",
  "test/e2e/locks.test.ts",
  "test/e2e/tour.test.ts",
  "test/e2e/image-definitions.test.ts",
  "test/e2e/installation.test.ts",
  "test/e2e/registry/registry.test.ts",
  "test/e2e/environments.test.ts",
];

/** Vitest's own order, but the files that take long come first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's, which gives a new array
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  const index = longest.findIndex((file) => moduleId.endsWith(`/${file}`));
  const group = project.config.sequence.groupOrder * (longest.length + 1);
  return group + (index === -1 ? longest.length : index);
}
