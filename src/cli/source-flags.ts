import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Flags } from "@oclif/core";
import { Failure } from "../base/failure.ts";
import type { SourceArgument } from "../build/source.ts";
import { checkReference } from "../build/source/git-address.ts";
import {
  type OrigChoice,
  type SourcePolicy,
  origChoices,
  signaturePolicies,
} from "../build/source/policy.ts";
import type { Settings } from "./settings.ts";

/** What is built of what is named, and what is asked of it. */
export const sourceFlags = {
  "git-ref": Flags.string({
    helpValue: "REF",
    description: "build this branch, tag or commit of a clone here or of a git address",
  }),
  dirty: Flags.boolean({
    description: "say nothing of uncommitted changes in the tree, which are built too",
  }),
  orig: Flags.option({
    options: origChoices,
    description: "where the original tarball of a tree comes from (default: auto, whatever suits the tree)",
  })(),
  "dsc-signature": Flags.option({
    options: signaturePolicies,
    description:
      "check refuses a .dsc with a bad signature and warns of others; require takes only good ones (default: check)",
  })(),
  "dsc-keyring": Flags.string({
    helpValue: "FILE",
    multiple: true,
    multipleNonGreedy: true,
    description: "OpenPGP keyring with whom else a .dsc may be signed by",
  }),
};

export interface SourceFlags {
  readonly "git-ref"?: string | undefined;
  readonly dirty?: boolean | undefined;
  readonly orig?: OrigChoice | undefined;
}

/** What settings and flags say of how sources are taken. */
export function policyOf(
  { dsc_signature: signature, dsc_keyring: keyrings }: Settings,
  { orig = "auto" }: SourceFlags,
): SourcePolicy {
  return { signature, keyrings: keyrings.map((file) => resolve(file)), orig };
}

/** The source with the reference that a flag names. @throws Failure git-address-refused, bad-command-line (usage). */
export function withReference(
  named: SourceArgument,
  { "git-ref": given, orig }: SourceFlags,
): SourceArgument {
  if (orig !== undefined && named.kind !== "tree" && named.kind !== "git") {
    throw new Failure("usage", "bad-command-line", "--orig is for source trees, here or in git", {
      hint: "A .dsc and a package of the archive have their original tarballs with them.",
    });
  }
  if (given === undefined) return named;
  const reference = checkReference(given);
  if (named.kind === "git") return { kind: "git", address: { ...named.address, reference } };
  if (named.kind === "tree")
    return { kind: "git", address: { url: pathToFileURL(named.directory).href, reference } };
  throw new Failure("usage", "bad-command-line", "--git-ref is for a clone here or a git address", {
    hint: "Name the clone's directory, or an address such as https://mirror.example/sl.git.",
  });
}
