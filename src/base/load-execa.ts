import type { execa } from "execa";

/**
 * execa, for what seldom runs a program of the host and is loaded by commands that mostly run none: it is 130 files, a tenth of what
 * a build would load.
 */
export async function loadExeca(): Promise<typeof execa> {
  return (await import("execa")).execa;
}
