import { Readable } from "node:stream";
import { digestOf } from "../../../../src/base/digest.ts";
import type { Subject } from "../../../../src/build/check/check.ts";
import { artifactKind } from "../../../../src/build/result.ts";
import { sourceFromControl } from "../../../../src/debian/source-package.ts";

/** What a build of `sl` 1.0 gave, by its files' names; of a tree unless a .dsc is named. */
export function subjectOf(names: readonly string[], dscName: string | null = null): Subject {
  return {
    name: "sl_1.0_amd64",
    source: {
      package: sourceFromControl({
        control:
          "Source: sl\nMaintainer: A <a@mirror.example>\n\nPackage: sl\nArchitecture: any\nDescription: sl\n",
        changelog:
          "sl (1.0) trixie; urgency=low\n\n  * One.\n\n -- A <a@mirror.example>  Sat, 01 Mar 2025 12:00:00 +0000\n",
        format: "3.0 (native)\n",
      }),
      layout: dscName === null ? "tree" : "dsc",
      directory: dscName === null ? "/sl" : null,
      dscName,
      treeName: "sl-1.0",
      origin: "sl",
      origTarballs: [],
      digest: null,
      files: [],
      tar: () => Readable.from([]),
    },
    architecture: "amd64",
    build: { dependencies: { depends: "", conflicts: "" }, buildType: "binary", environment: {} },
    locked: undefined,
    spaceKib: 1000,
    log: "/results/sl_1.0_amd64.build",
    earlier: null,
    artifacts: names.map((name) => ({
      name,
      path: `/results/${name}`,
      sizeBytes: 1,
      sha256: digestOf(name),
      kind: artifactKind(name),
    })),
  };
}
