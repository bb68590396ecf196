import { describe, expect, test } from "vitest";
import { flagLayer } from "../../../src/base/config-layers.ts";
import { layConfig, treeOf } from "../../../src/base/config.ts";
import { formatToml, parseToml } from "../../../src/base/toml.ts";
import { expandedSettings } from "../../../src/cli/expanded-config.ts";
import { Settings, builtIn } from "../../../src/cli/settings.ts";

function sessionOf(toml: string) {
  const { values } = parseToml(toml, "f.toml");
  const config = layConfig(Settings, [
    { values: builtIn, place: () => "built-in" },
    { values, place: () => "f.toml" },
    flagLayer(Settings, { jobs: 2 }),
  ]);
  return { config, settings: config.values, environment: { HOME: "/home/jane" } };
}

const written = `
max_age = "1h"
mirror = "https://mirror.example/debian"
[targets.mine]
suite = "sid"
components = ["main", "contrib"]
[targets."odd name"]
security_mirror = "https://mirror.example/debian-security"
`;

describe("expandedSettings", () => {
  test("says the same when it is read back", async () => {
    const session = sessionOf(written);
    const expanded = await expandedSettings(session);

    const again = sessionOf(formatToml(treeOf(expanded)));

    expect(again.settings).toEqual(Settings.parse(treeOf(expanded)));
    expect(again.settings).toMatchObject({ ...session.settings, targets: expect.anything() });
    expect(await expandedSettings(again)).toEqual(
      expanded.map((each) => ({ ...each, origin: expect.any(String) })),
    );
  });

  test("has each target in full, and says where each word of it is from", async () => {
    const expanded = await expandedSettings(sessionOf(written));
    const of = (key: string) => expanded.find((each) => each.key === key);

    expect(of("targets.mine.suite")).toMatchObject({ value: "sid", origin: "f.toml" });
    expect(of("targets.mine.updates")).toMatchObject({ value: true, origin: "built-in" });
    expect(of("targets.mine.mirror")).toMatchObject({
      value: "https://mirror.example/debian",
      origin: "f.toml",
    });
    expect(of('targets."odd name".architecture')).toMatchObject({ origin: "built-in" });
    expect(of("targets.debian-trixie-amd64.suite") ?? of("target")).toBeDefined();
    expect(of("targets")).toBeUndefined();
  });
});
