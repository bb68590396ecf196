import { pathToFileURL } from "node:url";
import { Flags } from "@oclif/core";
import { Failure } from "../base/failure.ts";
import type { SourceArgument } from "../build/source.ts";
import { checkReference } from "../build/source/git-address.ts";

/** What of a git repository is built. */
export const gitFlags = {
  "git-ref": Flags.string({
    helpValue: "REF",
    description: "build this branch, tag or commit of a clone here or of a git address",
  }),
  dirty: Flags.boolean({
    description: "say nothing of uncommitted changes in the tree, which are built too",
  }),
};

export interface GitFlags {
  readonly "git-ref"?: string | undefined;
  readonly dirty?: boolean | undefined;
}

/** The source with the reference that a flag names. @throws Failure git-address-refused, bad-command-line (usage). */
export function withReference(named: SourceArgument, { "git-ref": given }: GitFlags): SourceArgument {
  if (given === undefined) return named;
  const reference = checkReference(given);
  if (named.kind === "git") return { kind: "git", address: { ...named.address, reference } };
  if (named.kind === "tree")
    return { kind: "git", address: { url: pathToFileURL(named.directory).href, reference } };
  throw new Failure("usage", "bad-command-line", "--git-ref is for a clone here or a git address", {
    hint: "Name the clone's directory, or an address such as https://mirror.example/sl.git.",
  });
}
