import { describe, expect, test } from "vitest";
import { breakersOf, cycleFailure } from "../../../../src/build/chain/cycle-failure.ts";
import { orderOf } from "../../../../src/build/chain/graph.ts";
import { type ChainSource, memberOf } from "../../../../src/build/chain/member.ts";
import { missingHint } from "../../../../src/build/chain/missing.ts";
import { planChain } from "../../../../src/build/chain/plan-chain.ts";
import { Task } from "../../../../src/base/event.ts";
import { Failure } from "../../../../src/base/failure.ts";
import { Target } from "../../../../src/environment/target.ts";
import { source, stanza } from "./chain-source.ts";

const needs = (each: ChainSource) => memberOf(each).needs.map(({ name }) => name);
const offers = (each: ChainSource) => memberOf(each).offers.map(({ name }) => name);

describe("a source of a chain", () => {
  test("needs what its fields say for what is built of it, here and with its profiles", () => {
    const control = stanza(
      "xx",
      [
        "Build-Depends: a | b, c [arm64], d <!nocheck>, e:any (>= 1) <cross>, f | f (>= 2) | g",
        "Build-Depends-Arch: h",
        "Build-Depends-Indep: i",
      ],
      "Package: xx\nArchitecture: any",
      "Package: x-doc\nArchitecture: all",
    );

    expect(needs(source(control))).toEqual(["a", "d", "f", "h", "i"]);
    expect(needs(source(control, { profiles: ["nocheck", "cross"] }))).toEqual(["a", "e", "f", "h", "i"]);
    expect(needs(source(control, { wanted: { any: false, all: true, source: false } }))).not.toContain("h");
    expect(memberOf(source(control)).needs[1]).toEqual({
      name: "d",
      field: "Build-Depends",
      relation: "d <!nocheck>",
    });
  });

  test("needs and offers what is so for the architecture that is built for, and nothing of the builder's", () => {
    const control = stanza(
      "xx",
      ["Build-Depends: a [arm64], b [amd64], c:native, d:any, e:native | e"],
      "Package: x-amd64\nArchitecture: amd64",
      "Package: x-arm64\nArchitecture: arm64",
    );

    expect(needs(source(control))).toEqual(["b", "c", "d", "e"]);
    expect(needs(source(control, { host: "arm64" }))).toEqual(["a", "d", "e"]);
    expect(offers(source(control))).toEqual(["x-amd64"]);
    expect(offers(source(control, { host: "arm64" }))).toEqual(["x-arm64"]);
  });

  test("needs what is added to it, and offers of a binNMU what that makes anew", () => {
    const control = stanza("xx", [], "Package: xx\nArchitecture: any", "Package: x-doc\nArchitecture: all");
    const rebuild = { number: 1, suffix: null, text: "x", maintainer: "A <a@b.example>", date: 0 } as const;

    expect(memberOf(source(control, { added: { depends: ["y (>= 1)"], conflicts: ["z"] } })).needs).toEqual([
      { name: "y", field: "--add-depends", relation: "y (>= 1)" },
    ]);
    expect(offers(source(control, { variation: { rebuild } }))).toEqual(["xx"]);
  });

  test("offers what is built of it, with what that provides and depends on as far as it is known", () => {
    const control = stanza(
      "xx",
      [],
      "Package: libx1\nArchitecture: any\nProvides: libx (= ${binary:Version}), old-x\nPre-Depends: p\nDepends: ${shlibs:Depends}, y (= ${binary:Version}) | z, ${misc:Depends}",
      "Package: x-hurd\nArchitecture: hurd-any",
      "Package: x-test\nArchitecture: all\nBuild-Profiles: <!nocheck>",
      "Package: x-udeb\nArchitecture: any\nPackage-Type: udeb",
    );

    expect(memberOf(source(control)).offers[0]).toEqual({
      name: "libx1",
      provides: ["libx", "old-x"],
      depends: ["p", "y", "z"],
    });
    expect(offers(source(control))).toEqual(["libx1", "x-test"]);
    expect(offers(source(control, { profiles: ["nocheck"] }))).toEqual(["libx1"]);
    expect(offers(source(control, { wanted: { any: false, all: true, source: false } }))).toEqual(["x-test"]);
  });
});

function failureOf(...sources: readonly ChainSource[]) {
  const found = orderOf(sources.map((each) => memberOf(each)));
  if (!("cycles" in found)) throw new Error("no cycle");
  return { failure: cycleFailure(found.cycles, sources), breakers: breakersOf(found.cycles, sources) };
}

function unsatisfiable(message: string): Failure {
  return new Failure("dependency", "unsatisfiable", message);
}

const b = (relation: string) =>
  source(stanza("bb", [`Build-Depends: ${relation}`], "Package: libb-dev\nArchitecture: any"));

describe("sources that need each other", () => {
  const a = source(stanza("aa", ["Build-Depends: libb-dev"], "Package: a-tools\nArchitecture: all"));

  test.each([
    ["a-tools <!nocheck>", "nocheck"],
    ["a-tools (>= 1) <!stage1 !cross>", "stage1"],
  ])("are told with the edge and the profile that takes it away (%s)", (relation, profile) => {
    const { failure, breakers } = failureOf(a, b(relation));

    expect(failure).toMatchObject({ fault: "dependency", code: "dependency-cycle" });
    expect(failure.message).toContain("aa needs libb-dev of bb, bb needs a-tools of aa");
    expect(failure.hint).toBe(
      `With the profile ${profile} bb does not need a-tools (Build-Depends: ${relation}): --profiles ${profile}.`,
    );
    for (const each of breakers) {
      const without = [a, b(relation)].map((one) => memberOf(one, [each.profile]));
      expect("ids" in orderOf(without)).toBe(true);
    }
  });

  test("are told with another way out when no profile helps", () => {
    const { failure } = failureOf(a, b("a-tools"));

    expect(failure.hint).toMatch(/^No profile breaks it.*debkiln repo add/);
  });

  test("are told with the profile first that leaves no ring, and not with one that is on already", () => {
    const c = source(stanza("cc", ["Build-Depends: dd <!one !two>"]));
    const d = source(stanza("dd", ["Build-Depends: cc <!one>"]));
    const both = failureOf(a, b("a-tools <!two>"), c, d);
    const nocheck = source(
      stanza("bb", ["Build-Depends: a-tools <nocheck>"], "Package: libb-dev\nArchitecture: any"),
      {
        profiles: ["nocheck"],
      },
    );

    expect(both.failure.hint).toContain("--profiles two.");
    expect(failureOf(a, nocheck).failure.hint).toMatch(/^No profile/);
  });
});

describe("planning a chain", () => {
  const task = new Task(() => {}, []);

  test("refuses a source that is there twice, and sources for several targets", async () => {
    const { request } = source(stanza("xx", []));
    const other = source(stanza("yy", []), { target: Target.parse({ suite: "sid", architecture: "amd64" }) });

    await expect(planChain([request, request], task)).rejects.toMatchObject({ code: "chain-duplicate" });
    await expect(planChain([request, other.request], task)).rejects.toMatchObject({
      code: "chain-mixed-targets",
    });
  });
});

describe("a build dependency that nobody has", () => {
  const members = [memberOf(source(stanza("foo", [], "Package: libfoo-dev\nArchitecture: any")))];

  test.each([
    ["libfo-dev but it is not installable", /^Did you mean libfoo-dev, which foo builds\?$/],
    ["other (>= 1) but it is not going to be installed", /^Neither the archive nor a source/],
  ])("is told with what may be meant (%s)", (said, hint) => {
    expect(
      missingHint(unsatisfiable(`The build dependencies cannot be installed: ${said}`), members),
    ).toMatch(hint);
  });

  test("is nothing that failures of other kinds are about", () => {
    expect(missingHint(new Failure("package", "build-failed", "x but it is not y"), members)).toBeNull();
  });
});
