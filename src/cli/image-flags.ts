import { Flags } from "@oclif/core";

/** Flags of commands that read an image's definition; they say more than it does. */
export const definitionFlags = {
  arch: Flags.string({
    helpValue: "LIST",
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ",",
    description: "architectures of the image (default: the definition's, else this machine's)",
  }),
  dist: Flags.string({ char: "d", helpValue: "SUITE", description: "suite, in place of the definition's" }),
  backend: Flags.option({
    options: ["composefs", "ostree"] as const,
    description: "how hosts store the image, in place of the definition's choice",
  })(),
};
