import { describe, expect, test } from "vitest";
import { inputShape, type Shape } from "../../../src/base/config.ts";
import { environmentLayer } from "../../../src/base/config-layers.ts";
import { variableOf } from "../../../src/cli/setting-variables.ts";
import { readSettings } from "../../../src/cli/read-settings.ts";
import { Settings } from "../../../src/cli/settings.ts";

const shapes = Object.entries(inputShape(Settings).properties ?? {});
const offered = shapes.flatMap(([key, shape]) => {
  const variable = variableOf(key, shape);
  return variable === null ? [] : [{ key, shape, variable }];
});
const readable = { XDG_CONFIG_HOME: "/nonexistent" };

describe("variables of settings", () => {
  test.each(offered)("$variable sets $key", ({ key, shape, variable }) => {
    const { values } = environmentLayer(Settings, "DEBKILN_", [], { [written(variable, shape)]: "1" });

    expect(Object.keys(values)).toEqual([key]);
  });

  test("reach into tables", async () => {
    const { values } = await readSettings({}, "/", {
      ...readable,
      DEBKILN_TARGETS__MINE__COMPONENTS: "main contrib",
      DEBKILN_HOOKS__MINE__POINT: "setup",
      DEBKILN_HOOKS__MINE__COMMAND: "true",
      DEBKILN_PLUGIN_OPTIONS__MINE__LARGEST: "5",
    });

    expect(values).toMatchObject({
      targets: { mine: { components: ["main", "contrib"] } },
      hooks: { mine: { point: "setup", command: "true" } },
      plugin_options: { mine: { largest: "5" } },
    });
  });

  test.each([
    ["DEBKILN_VARIABLES", "--setenv"],
    ["DEBKILN_VARIABLES__CFLAGS", "--setenv"],
    ["DEBKILN_ADD_DEPENDS__SL", "--add-depends"],
    ["DEBKILN_FILES", "[files]"],
    ["DEBKILN_FILES__X__TEXT", "[files]"],
  ])("%s is refused, with what there is instead", async (name, instead) => {
    await expect(readSettings({}, "/", { ...readable, [name]: "x" })).rejects.toMatchObject({
      code: "config-invalid-value",
      message: expect.stringMatching(`^${name}: .* cannot be set by a variable$`),
      hint: expect.stringContaining(instead),
    });
    await expect(readSettings({}, "/", { ...readable, [name]: "" })).resolves.toBeDefined();
  });

  test("are offered for all but those", () => {
    const none = shapes.filter(([key, shape]) => variableOf(key, shape) === null).map(([key]) => key);

    expect(none.toSorted()).toEqual(["add_depends", "files", "variables"]);
  });
});

/** The variable with a name and a key that there may be in place of `NAME` and `KEY`. */
function written(variable: string, shape: Shape): string {
  const inner = shape.additionalProperties;
  const [key = "x"] = Object.keys((typeof inner === "object" ? inner.properties : undefined) ?? {});
  return variable.replace("__NAME__KEY", `__MINE__${key.toUpperCase()}`);
}
