import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseLeftovers, strayFiles, strayWarning } from "../../../src/build/leftovers.ts";

const encode = (text: string) => execFileSync("base64", ["-w", "0"], { input: text, encoding: "utf8" });
const place = "/build/reproducible-path";

test("the list is read from base64, and what is no path of ours is left out", () => {
  const line = encode(`/tmp/a\n${place}/sl-1.0\nstray\n/etc/passwd\n/tmp/b\n`);

  expect(parseLeftovers(line)).toEqual(["/tmp/a", `${place}/sl-1.0`, "/tmp/b"]);
  expect(parseLeftovers("")).toEqual([]);
});

test("tree, sources and results are where they belong, and nothing else is", () => {
  const leftovers = [
    `${place}/sl-1.0`,
    `${place}/sl_1.0.dsc`,
    `${place}/sl_1.0_amd64.deb`,
    `${place}/notes`,
    "/tmp/a",
  ];

  const stray = strayFiles(leftovers, { tree: "sl-1.0", names: ["sl_1.0.dsc", "sl_1.0_amd64.deb"] });

  expect(stray).toEqual([`${place}/notes`, "/tmp/a"]);
});

test("the warning names some, and is none of none", () => {
  const many = ["/tmp/1", "/tmp/2", "/tmp/3", "/tmp/4", "/tmp/5", "/tmp/6", "/tmp/7"];

  expect(strayWarning([])).toBeNull();
  expect(strayWarning(many)?.message).toBe(
    "The build left files outside its tree: /tmp/1, /tmp/2, /tmp/3, /tmp/4, /tmp/5 and 2 more",
  );
});
