import { Flags } from "@oclif/core";

/** How the results of a build are checked. */
export const checkFlags = {
  lintian: Flags.boolean({ allowNo: true, description: "check the results with lintian (default)" }),
  blhc: Flags.boolean({ allowNo: true, description: "look for missing hardening flags in the log" }),
  debdiff: Flags.boolean({
    allowNo: true,
    description: "compare with the last build and with the archive's packages",
  }),
  piuparts: Flags.boolean({
    allowNo: true,
    description: "install, upgrade, remove and purge the packages, and see what stays",
  }),
  autopkgtest: Flags.boolean({
    allowNo: true,
    description: "run the package's own tests, each in a container of its own",
  }),
  reprotest: Flags.boolean({
    allowNo: true,
    description: "build once more under other circumstances, which must give the same bytes",
  }),
  "build-depends": Flags.boolean({
    allowNo: true,
    description: "build once more, and see which build dependencies are used or missing",
  }),
  require: Flags.string({
    helpValue: "CHECKS",
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ",",
    description: "run these checks, and fail when one finds a fault or breaks; the results are kept",
  }),
  "check-timeout": Flags.string({
    helpValue: "TIME",
    description: "time limit of a check, or of each test of one (30m)",
  }),
  "lintian-option": Flags.string({
    helpValue: "OPTION",
    multiple: true,
    multipleNonGreedy: true,
    description: "option of lintian, such as --lintian-option=--pedantic",
  }),
};
