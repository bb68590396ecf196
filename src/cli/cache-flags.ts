import { Flags } from "@oclif/core";
import { cachePrograms } from "../build/compiler-cache.ts";

/** Compilers' output of earlier builds. */
export const cacheFlags = {
  ccache: Flags.boolean({
    allowNo: true,
    description:
      "take compilers' output from earlier builds, and keep this one's; --ccache=NAME shares it under another name",
    exclusive: ["locked", "sign", "provenance"],
  }),
  "ccache-name": Flags.string({
    helpValue: "NAME",
    description: "whose cache it is (default: the source package's)",
    dependsOn: ["ccache"],
  }),
  "ccache-program": Flags.option({
    options: cachePrograms,
    description: "what keeps it: ccache (C, C++), or sccache (Rust too; trixie and newer)",
  })(),
  "ccache-trust": Flags.string({
    helpValue: "WORD",
    description: "share it only with builds of the same trust (default: archive, local or remote)",
  }),
  "ccache-read-only": Flags.boolean({ description: "take from the cache, but put nothing into it" }),
};
