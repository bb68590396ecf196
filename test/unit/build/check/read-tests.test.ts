import { expect, test } from "vitest";
import { hasAllTests } from "../../../../src/build/check/read-tests.ts";
import { parseTestControl } from "../../../../src/debian/test-control.ts";

const tree = (written: string | null) => ({ layout: "tree" as const, written });
const dsc = { layout: "dsc" as const, written: null };

test("autodep8 is asked where autopkgtest asks it", () => {
  expect(hasAllTests({ testsuite: null }, tree("Tests: x\n"))).toBe(true);
  expect(hasAllTests({ testsuite: null }, tree(null))).toBe(false);
  expect(hasAllTests({ testsuite: "autopkgtest-pkg-perl" }, tree("Tests: x\n"))).toBe(false);
  expect(hasAllTests({ testsuite: "autopkgtest" }, dsc)).toBe(true);
  expect(hasAllTests({ testsuite: "autopkgtest, autopkgtest-pkg-python" }, dsc)).toBe(false);
  expect(hasAllTests({ testsuite: "autopkgtest-pkg-ruby" }, dsc)).toBe(false);
  expect(hasAllTests({ testsuite: null }, dsc)).toBe(false);
});

test("what autodep8 puts behind a package's own tests is read with them", () => {
  const text = `Tests: own


Test-Command: /usr/share/pkg-perl-autopkgtest/runner build-deps
Depends: @, @builddeps@, pkg-perl-autopkgtest
Features: test-name=autodep8-perl-build-deps

Test-Command: /usr/share/pkg-perl-autopkgtest/runner runtime-deps
Depends: @, pkg-perl-autopkgtest
Features: test-name=autodep8-perl
Restrictions: superficial
`;

  expect(parseTestControl(text, "tests").map(({ name }) => name)).toEqual([
    "own",
    "autodep8-perl-build-deps",
    "autodep8-perl",
  ]);
});
