import { expect, test } from "vitest";
import { requireOwnEntry } from "../../../src/build/binary-rebuild.ts";

const hello = { name: "hello", version: "2.10-3" };
const entry = (head: string) =>
  `${head} sid; urgency=low, binary-only=yes\n\n  * Again.\n\n -- A <a@b>  Fri, 02 Jan 1970 00:00:00 +0000`;

test("an entry of another version of the source makes a rebuild of it", () => {
  expect(() => requireOwnEntry({ entry: entry("hello (2.10-3+b1)") }, hello)).not.toThrow();
});

test.each(["hello (2.10-3)", "sl (5.02-1+b1)"])(
  "an entry of %s makes nothing of it, and is refused",
  (head) => {
    expect(() => requireOwnEntry({ entry: entry(head) }, hello)).toThrow(
      expect.objectContaining({ code: "bad-changelog", fault: "usage" }),
    );
  },
);
