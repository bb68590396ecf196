import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../../../src/base/digest.ts";
import { planned } from "./planned.ts";

const tables: readonly (readonly string[])[] = [
  ["[[packages]]", 'name = "vim"'],
  ["[[packages]]", 'name = "curl"', 'version = ">= 8"'],
  ["[[groups]]", 'name = "ssh-server"'],
  ["[customizations.kernel]", 'name = "cloud"'],
  ["[customizations.firewall]", 'ports = ["80:tcp"]'],
  ["[customizations.services]", 'enabled = ["ssh", "cron"]'],
  ["[[customizations.files]]", 'path = "/etc/b"'],
  ["[[customizations.files]]", 'path = "/etc/a"'],
  ["[[customizations.directories]]", 'path = "/var/lib/b"'],
  ["[[customizations.directories]]", 'path = "/var/lib/a"'],
];

test("the order in which a definition says things does not matter", async () => {
  const expected = canonicalJson(await planned(tables.flat()));

  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...tables], { minLength: tables.length }), async (shuffled) => {
      expect(canonicalJson(await planned(shuffled.flat()))).toBe(expected);
    }),
    { numRuns: 20 },
  );
});
