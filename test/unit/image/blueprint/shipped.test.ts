import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readInputs } from "../../../../src/image/blueprint/inputs.ts";
import { planImage } from "../../../../src/image/blueprint/plan.ts";
import { readBlueprint } from "../../../../src/image/blueprint/read.ts";

const directory = fileURLToPath(new URL("../../../../images", import.meta.url));
const shipped = readdirSync(directory).filter((name) => name.endsWith(".toml"));

describe("the shipped definitions", () => {
  test("are there", () => {
    expect(shipped).toEqual(
      expect.arrayContaining(["desktop.toml", "edge.toml", "minimal.toml", "server.toml"]),
    );
  });

  test.each(shipped)("%s has a plan for amd64 and arm64", async (name) => {
    const definition = await readBlueprint(join(directory, name));
    const inputs = await readInputs(definition, new AbortController().signal);

    for (const architecture of ["amd64", "arm64"]) {
      const plan = planImage(definition, inputs, { architecture, fallback: {} });

      expect(plan.name).toBe(name.replace(".toml", ""));
      expect(plan.target).toMatchObject({ suite: "trixie", architecture });
      expect(plan.boot.kernel).toMatch(new RegExp(`^linux-image-(?:cloud-)?${architecture}$`));
    }
  });
});
