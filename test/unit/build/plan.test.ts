import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { planBuild } from "../../../src/build/plan.ts";
import type { BuildRequest } from "../../../src/build/request.ts";
import type { OpenedSource } from "../../../src/build/source.ts";
import { sourceFromControl } from "../../../src/debian/source-package.ts";
import { Target } from "../../../src/environment/target.ts";

describe("planBuild", () => {
  test("builds all binaries of a .dsc as sbuild does", () => {
    const plan = planBuild(request());

    expect(plan.buildType).toBe("binary");
    expect(plan.name).toBe("hello_2.10-3_amd64");
    expect(plan.steps.map(({ argv }) => argv[0])).toEqual(["dpkg-source", "dpkg-buildpackage"]);
    expect(plan.tree).toBe("/build/reproducible-path/hello-2.10");
  });

  test.each(["3.0 (git)", "3.0 (bzr)", "3.0 (custom)", "2.0", "3.0 (qulit)"])(
    "refuses the source format %s",
    (format) => {
      const refused = () =>
        planBuild(request({ source: { ...source(), package: { ...source().package, format } } }));

      expect(refused).toThrow(
        expect.objectContaining({
          fault: "package",
          code: "source-format-unsupported",
          hint: expect.stringMatching(/3\.0 \((quilt|native)\)|--target-format/),
        }),
      );
    },
  );

  test("adds ccache to what is installed, and to nothing but the steps' variables", () => {
    const ccache = {
      program: "ccache",
      project: "hello",
      trust: "trusted-local",
      maxBytes: 1e9,
      readOnly: false,
    } as const;

    const [plain, cached] = [planBuild(request()), planBuild(request({ ccache }))];

    expect(cached.dependencies.depends.split(", ")).toEqual(
      [...plain.dependencies.depends.split(", "), "ccache"].filter(Boolean).toSorted(),
    );
    expect(plain.cacheEnvironment).toEqual({});
    expect(cached.cacheEnvironment["PATH"]).toBe(`/usr/lib/ccache:${plain.environment["PATH"]}`);
    expect({ ...cached, dependencies: null, cacheEnvironment: null }).toEqual({
      ...plain,
      dependencies: null,
      cacheEnvironment: null,
    });
  });

  test("unpacks all versions in one place for sccache, which else finds nothing of another's", () => {
    const ccache = {
      program: "sccache",
      project: "hello",
      trust: "trusted-local",
      maxBytes: 1e9,
      readOnly: false,
    } as const;

    const fromDsc = planBuild(request({ ccache }));
    const fromTree = planBuild(request({ ccache, source: { ...source(), layout: "tree", dscName: null } }));

    expect(fromDsc.dependencies.depends.split(", ")).toContain("sccache");
    for (const { tree, steps } of [fromDsc, fromTree]) {
      expect(tree).toBe("/build/reproducible-path/hello");
      expect(steps.at(-1)?.directory).toBe(tree);
    }
    expect(fromDsc.steps[0]?.argv).toEqual(["dpkg-source", "--no-check", "-x", source().dscName, "hello"]);
    expect(fromTree.steps[0]?.argv).toEqual(["mv", "-T", "--", source().treeName, "hello"]);
  });

  test("leaves the epoch out of file names", () => {
    const plan = planBuild(request({ source: source({ version: "1:2.10-3" }) }));

    expect(plan.name).toBe("hello_2.10-3_amd64");
  });

  test("names the .changes by what is built", () => {
    expect(only({ any: false, all: true, source: false })).toMatchObject({
      buildType: "all",
      name: "hello_2.10-3_all",
    });
    expect(only({ any: true, all: false, source: false })).toMatchObject({
      buildType: "any",
      name: "hello_2.10-3_amd64",
    });
    expect(only({ any: true, all: true, source: true })).toMatchObject({ buildType: "full" });
    expect(only({ any: false, all: false, source: true })).toMatchObject({
      buildType: "source",
      name: "hello_2.10-3_source",
    });
  });

  test("asks only for the dependencies of what is built", () => {
    const any = planBuild(request({ wanted: { any: true, all: false, source: false } }));
    const all = planBuild(request({ wanted: { any: false, all: true, source: false } }));

    expect(any.dependencies.depends).toBe("debhelper, gcc");
    expect(all.dependencies.depends).toBe("debhelper, texinfo");
  });

  test("takes the first alternative, and drops what profiles and architectures exclude", () => {
    const control = "Build-Depends: a | b, c <!nocheck>, d [arm64], e [amd64]";
    const plan = planBuild(request({ source: source({ fields: control }), profiles: ["nocheck"] }));

    expect(plan.dependencies.depends).toBe("a, e");
  });

  test("gives the same dependencies however the field is ordered and spaced", () => {
    const one = planBuild(request({ source: source({ fields: "Build-Depends: b (>= 1), a" }) }));
    const other = planBuild(request({ source: source({ fields: "Build-Depends:\n a ,\n b(>=1),\n a" }) }));

    expect(one.dependencies).toEqual(other.dependencies);
  });

  test("adds fakeroot where root is required, or assumed to be", () => {
    expect(requires("binary-targets", "trixie")).toBe("a, fakeroot");
    expect(requires("no", "bookworm")).toBe("a");
    expect(requires(null, "bookworm")).toBe("a, fakeroot");
    expect(requires(null, "trixie")).toBe("a");
  });

  test("builds binaries only of a tree that lacks its original tarball, and says so", () => {
    const plan = planBuild(
      request({ source: source({ layout: "tree" }), wanted: { any: true, all: true, source: true } }),
    );

    expect(plan.buildType).toBe("binary");
    expect(plan.warnings).toHaveLength(1);
    expect(plan.warnings[0]?.message).toContain("hello_2.10.orig.tar");
  });

  test("refuses a source that is not for the architecture", () => {
    const foreign = source({ packages: "Package: hello\nArchitecture: arm64\nDescription: x\n" });

    expect(() => planBuild(request({ source: foreign }))).toThrow(
      expect.objectContaining({ code: "architecture-not-buildable", fault: "package" }),
    );
  });

  test("cross-builds for another architecture with native compilers", () => {
    const fields = "Build-Depends: a [arm64], b [amd64], c:native, d <!nocheck>";
    const words = { host: "arm64", machine: "amd64", profiles: ["cross", "nocheck"] };
    const plan = planBuild(request({ source: source({ fields }), ...words }));

    expect(plan.name).toBe("hello_2.10-3_arm64");
    expect(plan.dependencies).toEqual({
      depends: "a, c:native, crossbuild-essential-arm64:native, libc-dev:arm64, libstdc++-dev:arm64",
      conflicts: "",
      host: "arm64",
    });
    expect(plan.steps.at(-1)?.argv).toContain("--host-arch=arm64");
    expect(plan.environment).toMatchObject({
      DEB_BUILD_PROFILES: "cross nocheck",
      CONFIG_SITE: "/etc/dpkg-cross/cross-config.arm64",
    });
    expect(plan.warnings).toEqual([]);
  });

  test("rebuilds binaries alone as another version, which a changelog entry makes", () => {
    const plan = planBuild(
      request({ variation: { rebuild }, wanted: { any: true, all: true, source: true } }),
    );

    expect(plan).toMatchObject({ name: "hello_2.10-3~x+b2_amd64", version: "2.10-3~x+b2", buildType: "any" });
    expect(plan.steps[1]?.argv.slice(4)).toEqual([
      "hello (2.10-3~x+b2) trixie; urgency=low, binary-only=yes\n\n" +
        "  * Binary-only non-maintainer upload for amd64; no source changes.\n  * Against libfoo2\n  * and more\n\n" +
        " -- A <a@b>",
      "2",
    ]);
  });

  test("calls sid unstable in such an entry, as uploads do, and has its date if that is known", () => {
    const target = Target.parse({ suite: "sid", architecture: "amd64" });
    const plan = planBuild(request({ variation: { rebuild: { ...rebuild, date: 86400 } }, target }));

    const [text, later] = plan.steps[1]?.argv.slice(4) ?? [];
    expect(text).toContain(" unstable; ");
    expect(text).toMatch(/\n -- A <a@b> {2}Fri, 02 Jan 1970 00:00:00 \+0000$/);
    expect(later).toBe("");
  });

  test("rebuilds by an entry that is given, of which packages for all architectures may be too", () => {
    const entry =
      "hello (2.10-3+b7) sid; urgency=low, binary-only=yes\n\n  * Again.\n\n -- A <a@b>  Fri, 02 Jan 1970 00:00:00 +0000";
    const variation = { rebuild: { entry } };
    const plan = planBuild(request({ variation, wanted: { any: true, all: true, source: true } }));
    const any = planBuild(request({ variation, wanted: { any: true, all: false, source: true } }));

    expect(plan).toMatchObject({ name: "hello_2.10-3+b7_amd64", version: "2.10-3+b7", buildType: "binary" });
    expect(plan.steps.map(({ argv }) => argv[0])).toEqual(["dpkg-source", "sh", "dpkg-buildpackage"]);
    expect(plan.steps[1]?.argv.slice(4)).toEqual([entry, ""]);
    expect(any.buildType).toBe("any");
    expect(() => planBuild(request({ variation, wanted: { any: false, all: false, source: true } }))).toThrow(
      expect.objectContaining({ code: "nothing-to-build", fault: "usage" }),
    );
  });

  test("has no binNMU of packages for all architectures", () => {
    const wanted = { any: false, all: true, source: false };

    expect(() => planBuild(request({ variation: { rebuild }, wanted }))).toThrow(
      expect.objectContaining({ code: "nothing-to-build", fault: "usage" }),
    );
    const appended = planBuild(request({ variation: { rebuild: { ...rebuild, number: null } }, wanted }));
    expect(appended.name).toBe("hello_2.10-3~x_all");
  });

  test("adds the user's relations, variables and options to the source's own", () => {
    const plan = planBuild(
      request({
        source: source({ fields: "Build-Depends: a | b\nRules-Requires-Root: no" }),
        added: { depends: ["c | d"], conflicts: ["e"] },
        variation: { variables: { CFLAGS: "-O0" }, buildpackage: ["--no-pre-clean"] },
      }),
    );

    expect(plan.dependencies).toEqual({ depends: "a, c | d", conflicts: "e" });
    expect(plan.environment).toMatchObject({ CFLAGS: "-O0" });
    expect(plan.steps.at(-1)?.argv.at(-1)).toBe("--no-pre-clean");
  });

  test("takes any alternative, and another solver, when asked to", () => {
    const fields = "Build-Depends: a | b";
    const choosing = { alternatives: "any", solver: "internal" } as const;
    const plan = planBuild(request({ source: source({ fields }), choosing }));

    expect(plan.dependencies).toEqual({ depends: "a | b", conflicts: "", solver: "internal" });
  });

  test("fills a tree of debian/ alone from its original tarballs, and refuses one without", () => {
    const alone = { ...source({ layout: "tree" }), debianOnly: true };
    const tarballs = ["hello_2.10.orig-extra.tar.xz", "hello_2.10.orig.tar.xz", "hello_2.10.orig.tar.xz.asc"];
    const [overlay, build] = planBuild(request({ source: { ...alone, origTarballs: tarballs } })).steps;

    expect(overlay?.argv.slice(4)).toEqual(["/build/reproducible-path/hello-2.10", ...tarballs.slice(0, 2)]);
    expect(build?.argv[0]).toBe("dpkg-buildpackage");
    expect(() => planBuild(request({ source: alone }))).toThrow(
      expect.objectContaining({ code: "orig-tarball-missing" }),
    );
  });

  test("advises to cross-build where everything would be emulated", () => {
    const target = Target.parse({ suite: "trixie", architecture: "arm64" });
    const plan = planBuild(request({ target, machine: "amd64" }));

    expect(plan.execution).toContain("emulated");
    expect(plan.warnings.map(({ hint }) => hint).join()).toContain("--host arm64");
  });

  test("sets parallel= only when a number of jobs is asked for", () => {
    expect(options(3)).toBe("nocheck parallel=3");
    expect(options(null)).toBe("nocheck");
  });
});

const rebuild = {
  number: 2,
  suffix: "~x",
  text: "Against libfoo2\n and more\n",
  maintainer: "A <a@b>",
  date: "increment",
} as const;

function only(wanted: BuildRequest["wanted"]) {
  return planBuild(request({ wanted }));
}

function requires(value: string | null, suite: string): string {
  const fields = value === null ? "Build-Depends: a" : `Build-Depends: a\nRules-Requires-Root: ${value}`;
  const target = Target.parse({ suite, architecture: "amd64" });
  return planBuild(request({ source: source({ fields }), target })).dependencies.depends;
}

function options(jobs: number | null): string | undefined {
  return planBuild(request({ jobs, buildOptions: ["nocheck"] })).environment["DEB_BUILD_OPTIONS"];
}

function request(changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    source: source(),
    target: Target.parse({ suite: "trixie", architecture: "amd64" }),
    archive: { main: [], extra: [], key: null },
    wanted: { any: true, all: true, source: false },
    profiles: [],
    buildOptions: [],
    jobs: null,
    limits: {},
    diskBytes: null,
    deadlines: { totalMs: 1000, silenceMs: 1000 },
    output: "/tmp",
    onFailure: null,
    ...changes,
  };
}

interface SourceWords {
  readonly version?: string;
  readonly fields?: string;
  readonly layout?: "tree" | "dsc";
  readonly packages?: string;
}

const bothKinds = `Package: hello
Architecture: any
Description: x

Package: hello-doc
Architecture: all
Description: x
`;

function source({
  version = "2.10-3",
  fields,
  layout = "dsc",
  packages = bothKinds,
}: SourceWords = {}): OpenedSource {
  const relations =
    fields ??
    "Build-Depends: debhelper\nBuild-Depends-Arch: gcc\nBuild-Depends-Indep: texinfo\nRules-Requires-Root: no";
  const control = `Source: hello\nMaintainer: A <a@b>\n${relations}\n\n${packages}`;
  const changelog = `hello (${version}) unstable; urgency=low\n\n  * x\n\n -- A <a@b>  Thu, 01 Jan 2026 00:00:00 +0000\n`;
  return {
    package: sourceFromControl({ control, changelog, format: "3.0 (quilt)" }),
    layout,
    directory: null,
    dscName: layout === "dsc" ? "hello_2.10-3.dsc" : null,
    treeName: "hello-2.10",
    origin: "hello",
    origTarballs: [],
    digest: null,
    files: [],
    tar: () => Readable.from([]),
  };
}
