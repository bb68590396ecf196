import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyTemporary } from "../../../../src/environment/named/save.ts";

test("emptying the temporary directories goes by what is mounted there, whatever its name", async () => {
  const root = await mkdtemp(join(tmpdir(), "debkiln-test-"));
  const mounted = ["/tmp/k[ee]p*", "/mnt/x"];
  for (const path of ["tmp/k[ee]p*/in", "tmp/kep", "tmp/k[ee]p*2", "var/tmp/old"]) {
    await mkdir(join(root, path), { recursive: true });
    await writeFile(join(root, path, "file"), "");
  }
  const [program = "", ...argv] = emptyTemporary(mounted);
  const below = argv.map((word) => (/^\/(?:var|tmp|mnt)/.test(word) ? `${escaped(root)}${word}` : word));
  execFileSync(program, below, { stdio: "ignore" });

  expect(existsSync(join(root, "tmp/k[ee]p*/in/file"))).toBe(true);
  expect(existsSync(join(root, "tmp/kep"))).toBe(false);
  expect(existsSync(join(root, "tmp/k[ee]p*2"))).toBe(false);
  expect(existsSync(join(root, "var/tmp/old"))).toBe(false);
  await rm(root, { recursive: true });
});

/** The directory's own name has nothing that a pattern would read. */
function escaped(path: string): string {
  expect(path).not.toMatch(/[*?[]/);
  return path;
}
