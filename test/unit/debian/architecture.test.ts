import { describe, expect, test } from "vitest";
import {
  architecture,
  architectures,
  debianArchitectureOf,
  debianArchitectureOfMachine,
  matchesArchitecture,
  mayRunNatively,
  runsNatively,
} from "../../../src/debian/architecture.ts";
import { disagreements, perl } from "./oracle.ts";

const names = architectures.map(({ name }) => name);

describe("the table of architectures", () => {
  test("agrees with dpkg's own tables", () => {
    const ask = `my ($bits, $endian) = debarch_to_abiattrs($_);
      { name => $_, gnu => debarch_to_gnutriplet($_), multiarch => debarch_to_multiarch($_), bits => 0 + $bits,
        endian => $endian, tuple => [debarch_to_debtuple($_)] }`;
    const expected = perl(["Dpkg::Arch=:all"], ask, names);

    const actual = architectures.map(({ name, gnu, multiarch, bits, endian, tuple }) => ({
      name,
      gnu,
      multiarch,
      bits,
      endian,
      tuple,
    }));

    expect(actual).toEqual(expected);
  });

  test("has each OCI platform and each machine name once", () => {
    const platforms = architectures.map(({ oci }) => `${oci.architecture}/${oci.variant ?? ""}`);
    const machines = architectures.flatMap(({ machines }) => machines);

    expect(new Set(platforms).size).toBe(platforms.length);
    expect(new Set(machines).size).toBe(machines.length);
  });

  test("finds every architecture back by its OCI platform and its machine names", () => {
    for (const { name, oci, machines } of architectures) {
      expect(debianArchitectureOf(oci.architecture, oci.variant)).toBe(name);
      expect(machines.map(debianArchitectureOfMachine)).toEqual(machines.map(() => name));
    }
  });
});

describe("architecture", () => {
  test("refuses an unknown name with the nearest one as hint", () => {
    expect(() => architecture("amd46")).toThrow(
      expect.objectContaining({ code: "unknown-architecture", fault: "usage", hint: "Did you mean amd64?" }),
    );
  });

  test("does not take names from the prototype of objects", () => {
    expect(() => architecture("constructor")).toThrow("constructor");
    expect(runsNatively("constructor", "amd64")).toBe(false);
  });
});

test("matchesArchitecture says what dpkg-architecture -i says", () => {
  const wildcards = [
    ...names,
    "any",
    "all",
    "linux-any",
    "any-arm",
    "any-amd64",
    "any-i386",
    "gnu-any-any",
    "gnu-linux-any",
    "musl-any-any",
    "hurd-any",
    "kfreebsd-any",
    "eabihf-any-any-any",
    "eabihf-gnu-linux-arm",
    "linux-amd64",
    "linux-armhf",
    "any-any",
    "any-any-any-any",
    "x32",
    "alpha",
    "hurd-i386",
    "any-mips64el",
    "any-linux-any",
    "base-gnu-any-any",
    "bogus",
    "any-bogus",
  ];
  const pairs = names.flatMap((name) => wildcards.map((wildcard) => [name, wildcard] as const));
  const oracle = perl(["Dpkg::Arch=:all"], "debarch_is($_->[0], $_->[1]) ? 1 : 0", pairs);

  const actual = pairs.map(([name, wildcard]) => (matchesArchitecture(name, wildcard) ? 1 : 0));

  expect(disagreements(pairs, actual, oracle)).toEqual([]);
});

test.each([
  ["arm64", "v8", "arm64"],
  ["arm", undefined, "armhf"],
  ["arm", "v6", "armel"],
  ["amd64", "v3", "amd64"],
  ["wasm", undefined, null],
])("the OCI platform %s/%s is Debian's %s", (architecture, variant, expected) => {
  expect(debianArchitectureOf(architecture, variant)).toBe(expected);
});

test("amd64 runs i386; whether arm64 runs armhf depends on the processor", () => {
  expect(runsNatively("amd64", "i386")).toBe(true);
  expect(runsNatively("i386", "amd64")).toBe(false);
  expect(runsNatively("arm64", "armhf")).toBe(false);
  expect(mayRunNatively("arm64", "armhf")).toBe(true);
  expect(mayRunNatively("amd64", "arm64")).toBe(false);
});
