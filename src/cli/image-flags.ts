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

/** Flags of those of them that ask the archive; what they are settings of gives way to what the definition says. */
export const imageArchiveFlags = {
  mirror: Flags.string({ helpValue: "URL", description: "mirror, where the definition names none" }),
  "check-valid-until": Flags.boolean({
    allowNo: true,
    description: "refuse expired Release files (default)",
  }),
  "max-age": Flags.string({
    helpValue: "TIME",
    description: "ask the archive again when older than this (15m)",
  }),
  frozen: Flags.boolean({ allowNo: true, description: "never ask the archive: use what is known" }),
};
