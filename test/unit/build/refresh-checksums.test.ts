import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseChanges } from "../../../src/debian/changes.ts";
import { refreshChecksums } from "../../../src/build/sign/refresh-checksums.ts";

const other = `${"d".repeat(64)} 9 hello_1.0_amd64.deb`;
const changes = `Format: 1.8
Source: hello
Version: 1.0
Architecture: source amd64
Distribution: trixie
Description:
 hello_1.0.dsc 5 is a name in a description
Checksums-Sha1:
 ${"a".repeat(40)} 5 hello_1.0.dsc
 ${"b".repeat(40)} 9 hello_1.0_amd64.deb
Checksums-Sha256:
 ${"c".repeat(64)} 5 hello_1.0.dsc
 ${other}
Files:
 ${"e".repeat(32)} 5 misc optional hello_1.0.dsc
 ${"f".repeat(32)} 9 misc optional hello_1.0_amd64.deb
`;

describe("refreshing the checksums of signed files", () => {
  const content = Buffer.from("the signed .dsc\n");
  const refreshed = refreshChecksums(changes, [{ name: "hello_1.0.dsc", content }]);

  test("gives each of a file's entries its new size and checksums", () => {
    const hash = (algorithm: string) => createHash(algorithm).update(content).digest("hex");

    expect(parseChanges(refreshed, "changes").files[0]).toMatchObject({
      name: "hello_1.0.dsc",
      size: content.length,
      sha256: hash("sha256"),
      section: "misc",
    });
    expect(refreshed).toContain(`\n ${hash("sha1")} ${content.length} hello_1.0.dsc\n`);
    expect(refreshed).toContain(`\n ${hash("md5")} ${content.length} misc optional hello_1.0.dsc\n`);
  });

  test("leaves everything else as it is", () => {
    expect(refreshed).toContain(other);
    expect(refreshed).toContain(" hello_1.0.dsc 5 is a name in a description\n");
    expect(refreshChecksums(changes, [])).toBe(changes);
  });
});
