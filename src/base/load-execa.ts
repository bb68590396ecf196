import type { execa } from "execa";

/**
 * execa, when a program of the host is to be run: it is 130 files, a tenth of what a build would load, and most commands run no
 * program. Nobody else imports it (test/architecture.test.ts).
 */
export async function loadExeca(): Promise<typeof execa> {
  return (await import("execa")).execa;
}
