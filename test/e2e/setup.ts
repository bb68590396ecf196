import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * One cache for all tests here, so that each engine's base is made once; it begins empty. DEBKILN_TEST_CACHE names one
 * that is kept between runs.
 */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env["DEBKILN_TEST_CACHE"] !== undefined) return async () => {};
  const directory = await mkdtemp(join(tmpdir(), "debkiln-e2e-cache-"));
  process.env["DEBKILN_TEST_CACHE"] = directory;
  return () => rm(directory, { recursive: true, force: true });
}
