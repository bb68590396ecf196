import { Flags } from "@oclif/core";
import { defaultCriteria, explainers, solvers } from "../environment/solver.ts";

const several = { multiple: true, multipleNonGreedy: true } as const;

/** What of the environment is the user's to choose beside the source's own word. */
export const choosingFlags = {
  "add-depends": Flags.string({
    helpValue: "RELATIONS",
    ...several,
    description: "what the environment must have besides, as in Build-Depends",
  }),
  "add-conflicts": Flags.string({
    helpValue: "RELATIONS",
    ...several,
    description: "what it must not have besides, as in Build-Conflicts",
  }),
  "extra-package": Flags.string({
    helpValue: "DEB|DIR",
    ...several,
    description: "packages from here, preferred to the archive's: a .deb or a directory of some",
  }),
  "resolve-alternatives": Flags.boolean({
    description: "take whichever alternative of a dependency can be had (default: the first, as buildds do)",
  }),
  resolver: Flags.option({
    options: solvers,
    description: "who chooses the packages (default: apt as the suite has it)",
  })(),
  "aspcud-criteria": Flags.string({
    helpValue: "CRITERIA",
    description: `what --resolver aspcud prefers, as in apt-cudf(1) (default: ${defaultCriteria})`,
  }),
  explainer: Flags.option({
    options: explainers,
    description: "who explains why packages cannot be installed (default: apt)",
  })(),
};

/** How a build departs from what its source alone would give. */
export const variationFlags = {
  "no-check": Flags.boolean({ description: "run no tests: the profile and the build option nocheck" }),
  setenv: Flags.string({
    helpValue: "NAME[=VALUE]",
    ...several,
    description: "set a variable in the build; without a value, to what it is here",
  }),
  "pass-environment": Flags.boolean({
    description: "pass on the variables here that dpkg counts as part of a build, such as CFLAGS",
  }),
  maintainer: Flags.string({
    char: "m",
    helpValue: "IDENTITY",
    description: "Maintainer of the .changes, 'NAME <ADDRESS>'; of a binNMU, who signs its entry",
  }),
  uploader: Flags.string({
    char: "e",
    helpValue: "IDENTITY",
    description: "Changed-By of the .changes, 'NAME <ADDRESS>'",
  }),
  debbuildopt: Flags.string({
    helpValue: "OPTION",
    ...several,
    description: "further option of dpkg-buildpackage",
  }),
  "dpkg-source-opt": Flags.string({
    helpValue: "OPTION",
    ...several,
    description: "further option of dpkg-source, when it makes the source package",
  }),
};

/** Versions made by a changelog entry alone, and what they exclude. */
export const rebuildFlags = {
  "make-binnmu": Flags.string({
    helpValue: "TEXT",
    description: "rebuild the binaries alone as version +b1, with this text in the changelog",
    exclusive: ["source", "source-only-changes"],
  }),
  binnmu: Flags.integer({
    helpValue: "N",
    min: 0,
    description: "the number of the binNMU: +bN; 0 for none, with --append-to-version",
    dependsOn: ["make-binnmu"],
  }),
  "append-to-version": Flags.string({
    helpValue: "SUFFIX",
    description: "rebuild as a version with this at its end, such as ~test1",
    exclusive: ["source", "source-only-changes"],
  }),
  "binnmu-timestamp": Flags.string({
    helpValue: "TIME",
    description: "date of that entry: increment (default: N seconds after the last), now, @SECONDS or a date",
  }),
  "binnmu-changelog": Flags.string({
    helpValue: "ENTRY",
    description: "rebuild by this changelog entry, the whole of it: version, text, who signs it and when",
    exclusive: [
      "make-binnmu",
      "binnmu",
      "append-to-version",
      "binnmu-timestamp",
      "source",
      "source-only-changes",
    ],
  }),
  "source-only-changes": Flags.boolean({
    description: "leave a _source.changes beside that of the binaries, for a source-only upload",
  }),
};
