import { expect, test } from "vitest";
import { unsatisfiable } from "../../../src/environment/unsatisfiable.ts";

const preface = "Reading package lists...\nSome packages could not be installed.\n";

test("the lines that name the culprits are the message, without the request's own name", () => {
  const output = `${preface}
The following packages have unmet dependencies:
 builddeps:/tmp/debkiln-request.dsc : Depends: libfoo-dev (>= 2) but 1.0-1 is to be installed
                                      Depends: nothing-like-it but it is not installable
                                      Conflicts: gcc-99
E: Unable to correct problems, you have held broken packages.
`;

  const failure = unsatisfiable(output, "The build dependencies", { known: [] });

  expect(failure).toMatchObject({
    fault: "dependency",
    code: "unsatisfiable",
    details: { explanation: output },
  });
  expect(failure.message).toBe(
    "The build dependencies cannot be installed: libfoo-dev (>= 2) but 1.0-1 is to be installed; " +
      "nothing-like-it but it is not installable; conflicts with gcc-99",
  );
});

test("solver3's steps are left to the log", () => {
  const output = `The following packages have unmet dependencies:
 libcurl4-gnutls-dev : Conflicts: libcurl4-openssl-dev
E: Unable to satisfy dependencies. Reached two conflicting assignments:
   1. libcurl4-openssl-dev:amd64=8.14.1-2 is selected for install
   2. libcurl4-openssl-dev:amd64 Conflicts libcurl4-gnutls-dev
      [selected libcurl4-openssl-dev:amd64=8.14.1-2 for install]
`;

  const failure = unsatisfiable(output, "The build dependencies", { known: [] });

  expect(failure.message).toBe(
    "The build dependencies cannot be installed: libcurl4-gnutls-dev : Conflicts: libcurl4-openssl-dev",
  );
  expect(failure.details).toEqual({ explanation: output });
});

test("a long list is cut, with what is left out counted", () => {
  const lines = Array.from(
    { length: 9 },
    (_, n) => ` builddeps:x : Depends: lib${n} but it is not installable`,
  );

  const { message } = unsatisfiable(
    `The following packages have unmet dependencies:\n${lines.join("\n")}\n`,
    "The build dependencies",
    { known: [] },
  );

  expect(message).toMatch(/: lib0 .*lib5 but it is not installable; and 3 more$/);
});

test("apt's errors stand in where it names no dependency", () => {
  const { message } = unsatisfiable(
    "E: The value 'x' is invalid for APT::Default-Release\n",
    "The build dependencies",
    { known: [] },
  );

  expect(message).toContain("The value 'x' is invalid for APT::Default-Release");
});

test("for a package that the archive does not know, its nearest name is suggested", () => {
  const output =
    "The following packages have unmet dependencies:\n satisfy:command-line : Depends: opensh-server but it is not installable\n";

  const failure = unsatisfiable(output, "The packages", {
    known: ["openssh-server", "openssh-client", "less"],
  });

  expect(failure.message).toBe("The packages cannot be installed: opensh-server but it is not installable");
  expect(failure.hint).toContain("Did you mean openssh-server");
});

test("emulation is advised where a cross build's dependencies are not made for it", () => {
  const output = "E: Unable to correct problems, you have held broken packages.\n";

  const { hint } = unsatisfiable(output, "The build dependencies", { known: [], host: "arm64" });

  expect(hint).toContain("--arch arm64");
});

test("the nearest name is suggested for one that apt does not find, too", () => {
  const failure = unsatisfiable("E: Unable to locate package opensh-server\n", "The packages", {
    known: ["openssh-server", "openssh-client", "less"],
  });

  expect(failure.hint).toBe(
    "Did you mean openssh-server instead of opensh-server? The archive knows no package of that name.",
  );
});
