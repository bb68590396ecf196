import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Flags } from "@oclif/core";
import { Failure } from "../base/failure.ts";
import type { SourceArgument } from "../build/source.ts";
import { checkReference } from "../build/source/git-address.ts";
import { type SourcePolicy, signaturePolicies } from "../build/source/policy.ts";
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

export interface GitFlags {
  readonly "git-ref"?: string | undefined;
  readonly dirty?: boolean | undefined;
}

/** What settings say of how sources are taken. */
export function policyOf({ dsc_signature: signature, dsc_keyring: keyrings }: Settings): SourcePolicy {
  return { signature, keyrings: keyrings.map((file) => resolve(file)) };
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
