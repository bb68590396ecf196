import { Failure } from "../../base/failure.ts";
import type { SourcePackage } from "../../debian/source-package.ts";
import { type PackageTest, parseTestControl } from "../../debian/test-control.ts";
import { buildDirectory, builder } from "../../environment/builder.ts";
import { Head } from "../../environment/head.ts";
import { readInside } from "../source/read-inside.ts";
import type { CheckBench, Subject } from "./check.ts";
import { openCheckEnvironment } from "./prepare.ts";

const file = "debian/tests/control";
const longest = 1024 ** 2;

/**
 * The tests of the source, with those that autodep8(1) makes where autopkgtest asks it (testdesc.py): when a Testsuite field says
 * `autopkgtest-pkg-...`, and when there is no debian/tests/control. Both need a container, as has a source package.
 * @throws Failure bad-control-data (package), unpack-failed (package), and what opening an environment raises.
 */
export async function readTests(subject: Subject, bench: CheckBench): Promise<readonly PackageTest[]> {
  const { directory, package: known } = subject.source;
  const written = directory === null ? null : await readInside(directory, file, longest);
  const isWhole = hasAllTests(known, { layout: directory === null ? "dsc" : "tree", written });
  const text = written !== null && isWhole ? written : await inContainer(subject, bench, isWhole);
  return text.trim() === "" ? [] : parseTestControl(text, file);
}

/** Whether all tests of a source are in its file, which dpkg-source tells of in a .dsc by a word that it adds to Testsuite. Pure. */
export function hasAllTests(
  { testsuite }: Pick<SourcePackage, "testsuite">,
  { layout, written }: { readonly layout: "tree" | "dsc"; readonly written: string | null },
): boolean {
  const words = (testsuite ?? "").split(/[\s,]+/);
  const hasFile = layout === "tree" ? written !== null : words.includes("autopkgtest");
  return hasFile && !words.some((each) => each.startsWith("autopkgtest-pkg-"));
}

/** What the unpacked source says there, and unless that is the whole of it, autodep8; by a user who can write to nothing else. */
async function inContainer(
  { source }: Subject,
  { place, task }: CheckBench,
  isWhole: boolean,
): Promise<string> {
  const wanted = { ...(isWhole ? {} : { tool: "autodep8" as const }), architecture: "engine" } as const;
  await using environment = await openCheckEnvironment(place, "tests", wanted, task);
  const { container } = environment;
  const { signal } = place.kiln;
  const owner = { uid: builder.uid, gid: builder.gid };
  await container.put(buildDirectory, source.tar(owner), signal);
  const stdout = new Head(longest);
  const argv = ["sh", "-c", script, "sh", source.dscName ?? "", source.treeName, wanted.tool ?? ""];
  const user = `${owner.uid}:${owner.gid}`;
  const { exitCode } = await container.run(argv, { user, directory: buildDirectory, stdout, signal });
  if (exitCode === 0) return stdout.text;
  throw new Failure("package", "unpack-failed", `The source does not unpack (exit code ${exitCode})`, {
    hint: "It did for the build: the disk may be full.",
  });
}

/** autodep8 gives the file that there is, and what it adds; where it has nothing to say, the file stands. */
const script = `
[ -z "$1" ] || dpkg-source --no-check -x "$1" "$2" > /dev/null || exit 3
cd "$2" || exit 3
if [ -n "$3" ] && autodep8 > ../tests 2> /dev/null; then set -- ../tests; else set -- ${file}; fi
[ ! -f "$1" ] || head -c ${longest} "$1"`;
