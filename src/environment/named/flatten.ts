import type { Writable } from "node:stream";
import { Failure } from "../../base/failure.ts";
import { piped } from "../../base/piped.ts";
import type { Container, Image } from "../../engine/engine.ts";
import type { Kiln } from "../kiln.ts";

/**
 * Makes an image of one layer of a container's root filesystem: each layer costs at every start of a container, and engines
 * take no more than some 120 of them. GNU tar inside keeps owners and extended attributes, which engines' own export loses.
 * @throws Failure flatten-failed (infrastructure).
 */
export async function flatten(
  kiln: Kiln,
  container: Container,
  {
    reference,
    changes,
    architecture,
    mounted,
  }: {
    readonly reference: string;
    readonly changes: readonly string[];
    readonly architecture: string;
    /** What is mounted in the container, by its path: left out. */
    readonly mounted: readonly string[];
  },
): Promise<Image> {
  const { signal } = kiln;
  // The tar ends when tar has: the engine must not take a part for the whole.
  const pack = async (output: Writable) => {
    const { exitCode } = await container.run(tarArguments(mounted), { stdout: output, signal });
    if (exitCode !== 0) throw failed(exitCode);
  };
  return await piped(pack, (tar) => kiln.engine.import(tar, reference, { changes, architecture, signal }));
}

/** Other file systems are passed over; what is mounted may be of the same as the engine's storage. */
function tarArguments(mounted: readonly string[]): string[] {
  return [
    "tar",
    "--one-file-system",
    "--numeric-owner",
    "--xattrs",
    "--xattrs-include=*",
    "--sort=name",
    "--anchored",
    "--no-wildcards",
    ...mounted.map((path) => `--exclude=.${path}`),
    "-C",
    "/",
    "-cf",
    "-",
    ".",
  ];
}

function failed(exitCode: number): Failure {
  return new Failure(
    "infrastructure",
    "flatten-failed",
    `The environment could not be made an image of one layer (tar: exit code ${exitCode})`,
    { hint: "It is as it was. The disk may be full, or something was writing to it: try again." },
  );
}
