import { realpath } from "node:fs/promises";
import type { Layer } from "../base/config.ts";
import { nullIfMissing } from "../base/system-error.ts";

/**
 * What it means to be git-buildpackage's builder: it looks for results beside the tree that it is run in, and says so by
 * GBP_BUILD_DIR (gbp-buildpackage(1), "HOOKS"). Its hooks have that variable too, with others that a builder has not. Null
 * when it is no builder.
 */
export async function gbpLayer(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string,
): Promise<Layer | null> {
  const tree = environment["GBP_BUILD_DIR"];
  if (!tree || hookVariables.some((name) => environment[name] !== undefined)) return null;
  const [here, there] = await Promise.all(
    [directory, tree].map((each) => realpath(each).catch(nullIfMissing)),
  );
  if (here === null || here !== there) return null;
  return { values: { output: "..", flat: true }, place: () => "GBP_BUILD_DIR" };
}

/** Of the hooks before and after the build, and of the one after an export. */
const hookVariables = ["GBP_GIT_DIR", "GBP_CHANGES_FILE"];
