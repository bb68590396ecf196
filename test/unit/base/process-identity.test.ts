import { hostname } from "node:os";
import { expect, test } from "vitest";
import { isAlive, lifeOf, thisProcess } from "../../../src/base/process-identity.ts";

/** This process's identity with one part changed: host and namespace, boot, pid, start. */
function changed(part: number, text: string): string {
  return thisProcess()
    .split("/")
    .map((each, at) => (at === part ? text : each))
    .join("/");
}

test("this process is alive", () => {
  expect(lifeOf(thisProcess())).toBe("alive");
});

test("more after the identity does not matter", () => {
  expect(lifeOf(`${thisProcess()}/nonce`)).toBe("alive");
});

test.each([
  ["of an earlier boot", changed(1, "00000000-0000-0000-0000-000000000000")],
  // Above the kernel's greatest pid_max.
  ["with a pid that nobody has", changed(2, "4194305")],
  ["whose pid has become another's", changed(3, "1")],
])("a process %s is dead", (_, identity) => {
  expect(lifeOf(identity)).toBe("dead");
  expect(isAlive(identity)).toBe(false);
});

test.each([
  ["of another host", changed(0, "elsewhere")],
  ["of another pid namespace with the same host name", changed(0, `${hostname()}+pid:[1]`)],
  ["with an identity of another form", "odd"],
  ["without an identity", ""],
])("of a process %s nothing is known, so it may be alive", (_, identity) => {
  expect(lifeOf(identity)).toBe("unknown");
  expect(isAlive(identity)).toBe(true);
});
