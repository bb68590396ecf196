import { z } from "zod";
import { type TestedEngine, connect } from "../engine/engines.ts";
import type { Kiln } from "./kiln.ts";

/** Of what `debkiln explain --json` prints, where a build would start. */
const Explained = z.object({
  type: z.literal("result"),
  result: z.object({
    decisions: z.array(z.object({ layer: z.string(), outcome: z.string() })),
    installation: z.object({ start: z.object({ reference: z.string() }) }).nullable(),
  }),
});

/** Removes the environment that a build of a tree would find, so that a test begins without it but with its base. */
export async function forgetEnvironment(tested: TestedEngine, kiln: Kiln, tree: string): Promise<void> {
  let explained = await explain(kiln, tree);
  if (explained.installation === null) {
    await kiln.succeed("build", tree, "-o", "forgotten");
    explained = await explain(kiln, tree);
  }
  const { decisions, installation } = explained;
  const found = decisions.some(({ layer, outcome }) => layer === "environment" && outcome === "hit");
  if (!found || installation === null) return;
  await using engine = await connect(tested);
  await engine.removeImage(installation.start.reference);
}

async function explain(kiln: Kiln, tree: string): Promise<z.infer<typeof Explained>["result"]> {
  const { stdout } = await kiln.run("explain", "--json", tree);
  return Explained.parse(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).result;
}
