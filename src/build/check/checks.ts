import type { Check } from "./check.ts";
import { lintian } from "./lintian.ts";
import type { CheckName } from "./outcome.ts";

/** Every check by its name. */
export const checks: Readonly<Record<CheckName, Check>> = { lintian };
