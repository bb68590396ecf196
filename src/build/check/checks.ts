import type { Check } from "./check.ts";
import { autopkgtest } from "./autopkgtest.ts";
import { blhc } from "./blhc.ts";
import { buildDepends } from "./build-depends.ts";
import { debdiff } from "./debdiff.ts";
import { lintian } from "./lintian.ts";
import { piuparts } from "./piuparts.ts";
import { reprotest } from "./reprotest.ts";
import type { CheckName } from "./outcome.ts";

/** Every check by its name. */
export const checks: Readonly<Record<CheckName, Check>> = {
  lintian,
  blhc,
  debdiff,
  piuparts,
  autopkgtest,
  reprotest,
  "build-depends": buildDepends,
};
