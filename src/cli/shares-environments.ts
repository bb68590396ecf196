import type { Settings } from "./settings.ts";

/** Whether the settings name repositories to share environments with. */
export function sharesEnvironments({ cache_from: from, cache_to: to }: Settings): boolean {
  return from.length > 0 || to !== undefined;
}
