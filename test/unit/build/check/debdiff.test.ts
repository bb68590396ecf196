import { describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { judgeDebdiff } from "../../../../src/build/check/debdiff.ts";
import { changeLines, changeSummary, packageChanges } from "../../../../src/build/check/package-changes.ts";
import { parseBinaryControl } from "../../../../src/debian/binary-package.ts";
import type { DebFile } from "../../../../src/repository/deb-file.ts";

const library = debOf("libsl1", "1.0", {
  fields: ["Depends: libc6 (>= 2.36), sl-data (= 1.0), old | older", "Installed-Size: 100"],
  sizeBytes: 50_000,
  paths: ["usr/lib/libsl.so.1.0", "usr/share/doc/libsl1/copyright"],
  symbols: "libsl.so.1 libsl1 #MINVER#\n* Build-Depends-Package: libsl-dev\n one@Base 0.9\n two@Base 0.9\n",
});
const newer = debOf("libsl1", "2.0", {
  fields: ["Depends: libc6 (>= 2.38), sl-data (= 2.0), libz1", "Installed-Size: 120"],
  sizeBytes: 62_000,
  paths: ["usr/lib/libsl.so.1.1", "usr/lib/libsl.so.1.2", "usr/share/doc/libsl1/copyright"],
  symbols: "libsl.so.1 libsl1 #MINVER#\n one@Base 0.9\n three@Base 2.0\n",
});

describe("what differs between packages", () => {
  test("is told in a line for each package and one for each difference", () => {
    const changes = packageChanges([library, debOf("sl-old", "1.0")], [newer, debOf("sl-new", "2.0")]);

    expect(changeLines(changes)).toEqual([
      "libsl1 1.0 -> 2.0: 62 kB, installed 123 kB, before 50 kB, installed 102 kB",
      "  Depends: libc6 (>= 2.36) -> libc6 (>= 2.38); - old | older; + libz1",
      "  + /usr/lib/libsl.so.1.1",
      "  + /usr/lib/libsl.so.1.2",
      "  - /usr/lib/libsl.so.1.0",
      "  + libsl.so.1 three@Base",
      "  - libsl.so.1 two@Base",
      "sl-new is new: 1.0 kB",
      "sl-old is gone: it was 1.0 kB",
    ]);
    expect(changeSummary(changes)).toBe(
      "sl-new is new; sl-old is gone; 2 files come, 1 file goes; Depends of libsl1 differs; 1 symbol comes, 1 symbol goes; 12 kB larger",
    );
  });

  test("is nothing when only the version is another, with that of the siblings that are wanted", () => {
    const [before, after] = ["1.0", "2.0"].map((version) =>
      debOf("sl", version, { fields: [`Depends: sl-data (= ${version})`] }),
    );
    const changes = packageChanges(before ? [before] : [], after ? [after] : []);

    expect(changeLines(changes)).toEqual(["sl 1.0 -> 2.0: 1.0 kB, as before"]);
    expect(changeSummary(changes)).toBe("");
  });

  test("is cut short where it is much", () => {
    const paths = Array.from({ length: 9 }, (_, index) => `usr/share/sl/${index}`);
    const lines = changeLines(packageChanges([debOf("sl", "1.0", { paths })], [debOf("sl", "1.0")]));

    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toBe("  - 4 more files");
  });
});

test.each([
  [0, "pass", "no differences"],
  [
    1,
    "info",
    "2 files come, 1 file goes; Depends of libsl1 differs; 1 symbol comes, 1 symbol goes; 12 kB larger",
  ],
  [255, "error", "debdiff itself failed with exit code 255"],
] as const)("debdiff's exit code %i", (exitCode, status, summary) => {
  const changes = packageChanges([library], [newer]);

  expect(judgeDebdiff({ exitCode, output: "" }, changes)).toEqual({ status, summary });
});

test("debdiff finds what no list here shows", () => {
  expect(judgeDebdiff({ exitCode: 1, output: "" }, packageChanges([library], [library]))).toEqual({
    status: "info",
    summary: "the control files differ",
  });
});

function debOf(
  name: string,
  version: string,
  { fields = [], ...more }: Partial<Omit<DebFile, "package">> & { readonly fields?: readonly string[] } = {},
): DebFile {
  const text = [
    `Package: ${name}`,
    `Version: ${version}`,
    "Architecture: amd64",
    ...fields,
    "Description: d",
    "",
  ];
  const control = parseBinaryControl(text.join("\n"), name);
  return { package: control, sizeBytes: 1000, sha256: digestOf(name), paths: [], symbols: "", ...more };
}
