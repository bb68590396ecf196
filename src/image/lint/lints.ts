import { apiBaseDirectories } from "./bootc/api-base-directories.ts";
import { baseImageComposefs } from "./bootc/baseimage-composefs.ts";
import { baseImageRoot } from "./bootc/baseimage-root.ts";
import { bootcKargs } from "./bootc/bootc-kargs.ts";
import { buildahInjected } from "./bootc/buildah-injected.ts";
import { etcUsrEtc } from "./bootc/etc-usretc.ts";
import { kernel } from "./bootc/kernel.ts";
import { nonemptyBoot } from "./bootc/nonempty-boot.ts";
import { nonemptyRunTmp } from "./bootc/nonempty-run-tmp.ts";
import { sysusers } from "./bootc/sysusers.ts";
import { utf8 } from "./bootc/utf8.ts";
import { varLog } from "./bootc/var-log.ts";
import { varRun } from "./bootc/var-run.ts";
import { varTmpfiles } from "./bootc/var-tmpfiles.ts";
import type { Lint } from "./lint.ts";

/** Every lint, sorted by name: those of `bootc container lint` 1.16.9, and debkiln's own. */
export const lints: readonly Lint[] = [
  apiBaseDirectories,
  baseImageComposefs,
  baseImageRoot,
  bootcKargs,
  buildahInjected,
  etcUsrEtc,
  kernel,
  nonemptyBoot,
  nonemptyRunTmp,
  sysusers,
  utf8,
  varLog,
  varRun,
  varTmpfiles,
].toSorted((a, b) => (a.name < b.name ? -1 : 1));
