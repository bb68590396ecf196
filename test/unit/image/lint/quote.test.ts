import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { escapeTmpfilesPath, parseTmpfiles } from "../../../../src/image/host-files/tmpfiles.ts";
import { textOf } from "../../../../src/oci/raw-text.ts";
import { comparePaths, quotedPath } from "../../../../src/image/lint/quote.ts";

test.each([
  ["", ""],
  ["/foo/bar/../baz", "/foo/bar/../baz"],
  ["--label=type:a,b_c", "--label=type:a,b_c"],
  [" ", "' '"],
  ["/foo/!/bar&", "'/foo/!/bar&'"],
  [`/path/"withquotes'`, String.raw`"/path/\"withquotes'"`],
  ["/foo/somenonutf8\udcee/bar", "'/foo/somenonutf8\ufffd/bar'"],
])("%o is quoted as %o", (path, quoted) => {
  expect(quotedPath(path)).toBe(quoted);
});

test("a shell reads each quoted path as it was", () => {
  const unit = fc.constantFrom("a", "/", " ", "'", '"', "\\", "$", "`", "!", "^", "&", "ä", "\n");
  const names = fc.array(fc.string({ unit, minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(names, (paths) => {
      const script = `printf '%s\\0' ${paths.map(quotedPath).join(" ")}`;

      expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(
        paths.map((path) => `${path}\0`).join(""),
      );
    }),
    { numRuns: 20 },
  );
});

test("a tmpfiles.d line is read back with the path that it was written for, whatever its bytes", () => {
  const bytes = fc.uint8Array({ min: 1, maxLength: 20 });
  fc.assert(
    fc.property(bytes, (name) => {
      const path = `/var/x${textOf(name)}`;

      expect(parseTmpfiles(`d ${escapeTmpfilesPath(path)} 0755`)).toEqual([{ type: "d", path }]);
    }),
  );
});

test("paths are in the order of a walk through the directories", () => {
  const sorted = ["/a", "/a/b", "/a/b.c/d", "/a.b", "/b", "/ä"];
  fc.assert(
    fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (paths) => {
      expect(paths.toSorted(comparePaths)).toEqual(sorted);
    }),
  );
});
