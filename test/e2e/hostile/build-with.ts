import { join } from "node:path";
import type { Place, Run } from "../bad-input/place.ts";
import { writeTree } from "../package.ts";

/** A build that has ended, and where its results or what is left of it are. */
export interface Built {
  readonly ended: Run;
  readonly tree: string;
  readonly results: string;
  readonly failed: string;
}

const inTree = [
  "binary-arch: build-arch",
  "\tmkdir -p debian/$(P)/DEBIAN",
  "\tdpkg-gencontrol -p$(P) -Pdebian/$(P)",
];

/** Builds a package whose binary-arch target ends with these lines, after the .deb was made in the directory above. */
export async function buildWith(
  place: Place,
  name: string,
  after: readonly string[],
  words: readonly string[] = [],
): Promise<Built> {
  const lines = [
    ...inTree,
    "\tdpkg-deb --root-owner-group --build debian/$(P) ..",
    ...after.map((line) => `\t${line}`),
  ];
  const head = ["#!/usr/bin/make -f", `P := ${name}`, "clean build build-arch build-indep binary-indep:"];
  const rules = [...head, ...lines, "binary: binary-arch", ".PHONY: build", ""].join("\n");
  const tree = await writeTree(place.directory, { name, rules });
  const ended = await place.run(["build", "--no-arch-all", ...words, tree]);
  const results = join(place.directory, `out/${name}_1.0_amd64`);
  return { ended, tree, results, failed: `${results}.failed` };
}
