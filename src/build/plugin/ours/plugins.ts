import type { Plugin } from "../plugin.ts";
import { hwInfo } from "./hw-info.ts";
import { packageState } from "./package-state.ts";
import { resourceReport } from "./resource-report.ts";

/** The plugins that come with debkiln. */
export const ourPlugins: readonly Plugin[] = [packageState, hwInfo, resourceReport];
