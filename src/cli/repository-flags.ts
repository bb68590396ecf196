import { Flags } from "@oclif/core";

/** Which suite of a repository is meant. */
export const suiteFlag = {
  suite: Flags.string({ helpValue: "NAME", description: "suite (default: the repository's first)" }),
};

/** With which key a repository is signed. */
export const signingFlags = {
  key: Flags.string({
    helpValue: "KEY",
    description: "key to sign with: own (debkiln's, the default), gpg:ID or sq:FINGERPRINT",
  }),
};
