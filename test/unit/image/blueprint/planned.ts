import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { readInputs } from "../../../../src/image/blueprint/inputs.ts";
import { type ImageChoice, planImage } from "../../../../src/image/blueprint/plan.ts";
import { type Definition, readBlueprint } from "../../../../src/image/blueprint/read.ts";
import type { ImagePlan } from "../../../../src/image/plan.ts";

/** What is written beside the definition, by its name there. */
export type Beside = Readonly<Record<string, string>>;

/** A definition's plan: `name` and, unless the lines say otherwise, the ostree backend are there already. */
export async function planned(
  lines: readonly string[],
  { beside = {}, ...choice }: Partial<ImageChoice> & { readonly beside?: Beside } = {},
): Promise<ImagePlan> {
  const definition = await definitionOf(lines, beside);
  const inputs = await readInputs(definition, new AbortController().signal);
  return planImage(definition, inputs, { architecture: "amd64", fallback: {}, ...choice });
}

/** The definition itself, with the same lines before and after. */
export async function definitionOf(lines: readonly string[], beside: Beside = {}): Promise<Definition> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-blueprint-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(beside)) await writeFile(join(directory, name), text);
  const bootc = lines.includes("[bootc]") ? [] : ["[bootc]", 'backend = "ostree"'];
  const file = join(directory, "image.toml");
  await writeFile(file, ['name = "server"', ...lines, ...bootc].join("\n"));
  return await readBlueprint(file);
}

/** The text of a planned file; null when there is none. */
export function textOf(plan: ImagePlan, path: string): string | null {
  const entry = plan.entries.find((each) => each.path === path);
  if (entry?.type !== "file" || entry.content.from !== "bytes") return null;
  return Buffer.from(entry.content.bytes).toString();
}

export function pathsOf(plan: ImagePlan): string[] {
  return plan.entries.map(({ path }) => path);
}
