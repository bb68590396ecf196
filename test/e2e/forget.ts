import { Lock } from "../../src/environment/lock.ts";
import { Store } from "../../src/store/store.ts";
import { isDigest } from "../../src/base/digest.ts";
import { type TestedEngine, connect } from "../engine/engines.ts";
import type { Kiln } from "./kiln.ts";

/** Removes the environments that hold any of these packages beyond the base, so that a test begins without them. */
export async function forgetEnvironments(
  tested: TestedEngine,
  kiln: Kiln,
  packages: readonly string[],
): Promise<void> {
  const store = new Store(kiln.environment["DEBKILN_CACHE_DIR"] ?? "");
  await using engine = await connect(tested);
  for (const image of await engine.images({ "debkiln.kind": "environment" })) {
    const digest = image.labels["debkiln.lock"] ?? "";
    if (!isDigest(digest) || !(await store.hasBlob(digest))) continue;
    const lock = Lock.parse(JSON.parse((await store.readBytes(digest)).toString("utf8")));
    if (!lock.packages.some(({ name }) => packages.includes(name))) continue;
    for (const reference of image.references) await engine.removeImage(reference);
  }
}
