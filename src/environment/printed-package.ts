import type { PrintedUri } from "../debian/print-uris.ts";
import type { LockedPackage } from "./lock.ts";

/** A package that apt would fetch, as locks have it. */
export function lockedPackage(printed: PrintedUri): LockedPackage {
  const { name, version, architecture, sha256, size, uri } = printed;
  return { name, version, architecture, sha256: `sha256:${sha256}`, sizeBytes: size, uri };
}
