import { isDigest } from "../../src/base/digest.ts";
import { labels } from "../../src/environment/names.ts";
import { recallLock } from "../../src/environment/resolve.ts";
import { Store } from "../../src/store/store.ts";
import { type TestedEngine, connect } from "../engine/engines.ts";
import type { Kiln } from "./kiln.ts";

/**
 * Gives an engine the environment of a tool that another engine has, from the cache of that one's kiln, under the same name: it has
 * the same packages on the same base, and is compared with its lock there as everywhere. Nothing is carried that is not there.
 */
export async function carryTool(
  tool: string,
  from: { readonly engine: TestedEngine; readonly kiln: Kiln },
  to: TestedEngine,
): Promise<void> {
  await using source = await connect(from.engine);
  await using target = await connect(to);
  const store = new Store(from.kiln.environment["DEBKILN_CACHE_DIR"] ?? "");
  const found: { readonly reference: string; readonly size: number }[] = [];
  for (const image of await source.images({ [labels.kind]: "environment" })) {
    const digest = image.labels[labels.lock] ?? "";
    const lock = isDigest(digest) ? await recallLock({ store }, digest) : null;
    const [reference] = image.references;
    if (reference !== undefined && lock?.packages.some(({ name }) => name === tool) === true)
      found.push({ reference, size: lock.packages.length });
  }
  // Whatever else has the tool has more.
  const [smallest] = found.toSorted((a, b) => a.size - b.size);
  if (smallest === undefined || (await target.image(smallest.reference)) !== null) return;
  await target.load(await source.save(smallest.reference));
}
