import type { Digest } from "../base/digest.ts";

/** What came of one file when it was made again. */
export interface FileComparison {
  readonly name: string;
  /** `missing`: it was not made again. `unknown`: there is nothing that it could be compared with. */
  readonly verdict: "identical" | "different" | "missing" | "unknown";
  /** Null when there is none. */
  readonly expected: Digest | null;
  readonly built: Digest | null;
}

interface HashedFile {
  readonly name: string;
  readonly sha256: Digest;
}

/** Compares what was built with what it should be, file by file in the order of their names. */
export function compareFiles(
  expected: readonly HashedFile[],
  built: readonly HashedFile[],
): readonly FileComparison[] {
  const wanted = new Map(expected.map(({ name, sha256 }) => [name, sha256]));
  const got = new Map(built.map(({ name, sha256 }) => [name, sha256]));
  const names = [...new Set([...wanted.keys(), ...got.keys()])].toSorted();
  return names.map((name) => {
    const [before = null, after = null] = [wanted.get(name), got.get(name)];
    const verdict =
      before === null ? "unknown" : after === null ? "missing" : before === after ? "identical" : "different";
    return { name, verdict, expected: before, built: after };
  });
}
