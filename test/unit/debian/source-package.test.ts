import { describe, expect, test } from "vitest";
import {
  SourcePackage,
  dscName,
  sourceFromControl,
  sourceFromDsc,
} from "../../../src/debian/source-package.ts";
import { changelog, control, dpkgFiles } from "./source-fixture.ts";

const texts = { control, changelog, format: "3.0 (native)\n" };
const { dsc } = dpkgFiles();

describe("sourceFromControl", () => {
  test("knows what the tree says", () => {
    const source = sourceFromControl(texts);

    expect(source).toMatchObject({
      name: "sl",
      version: "1:1.0~rc1",
      format: "3.0 (native)",
      architectures: ["any", "all"],
      buildDepends: "debhelper-compat (= 13), libfoo-dev [amd64] <!nocheck>",
      buildDependsArch: "",
      buildDependsIndep: "doxygen",
      buildConflicts: "evil",
      rulesRequiresRoot: "no",
      distribution: "unstable",
      files: [],
    });
    expect(source.packages).toEqual([
      { name: "sl", architectures: ["any"], packageType: "deb", profiles: [] },
      {
        name: "sl-doc",
        architectures: ["all"],
        packageType: "deb",
        profiles: [["!nodoc", "!stage1"], ["pkg.sl.doc"]],
      },
      { name: "sl-udeb", architectures: ["linux-any", "hurd-any"], packageType: "udeb", profiles: [] },
    ]);
    expect(SourcePackage.parse(source)).toEqual(source);
  });

  test("gives what is in the .dsc that dpkg-source makes of the tree", () => {
    const fromTree = sourceFromControl(texts);

    const { files, ...fromDsc } = sourceFromDsc(dsc, "sl.dsc");

    expect({ ...fromDsc, distribution: "unstable", files: [] }).toEqual({
      ...fromTree,
      rulesRequiresRoot: fromDsc.rulesRequiresRoot,
    });
    expect(files).toEqual([
      {
        name: "sl_1.0~rc1.tar.xz",
        size: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  test("refuses a control file of another source than the changelog's", () => {
    expect(() => sourceFromControl({ ...texts, changelog: changelog.replace("sl", "ls") })).toThrow(
      expect.objectContaining({
        code: "bad-control-data",
        message: expect.stringContaining("the changelog is of ls"),
      }),
    );
  });

  test("refuses a package name that is a path or an option", () => {
    for (const name of ["../sl", "-sl", "s l", "s"]) {
      expect(() =>
        sourceFromControl({ ...texts, control: control.replace("Package: sl-doc", `Package: ${name}`) }),
      ).toThrow(expect.objectContaining({ code: "bad-control-data" }));
    }
  });

  test("refuses an empty control file", () => {
    expect(() => sourceFromControl({ ...texts, control: "\n# nothing\n" })).toThrow("debian/control, line 1");
  });
});

describe("sourceFromDsc", () => {
  test("reads a signed .dsc as it reads the same one unsigned", () => {
    const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${dsc}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;

    expect(sourceFromDsc(signed, "sl.dsc")).toEqual(sourceFromDsc(dsc, "sl.dsc"));
  });

  test("wants SHA256 digests", () => {
    const old = dsc.replace(/^Checksums-Sha256:\n .*\n/m, "");

    expect(() => sourceFromDsc(old, "sl.dsc")).toThrow(
      expect.objectContaining({
        code: "field-missing",
        details: expect.objectContaining({ field: "Checksums-Sha256" }),
      }),
    );
  });

  test.each(["../../etc/passwd", "/etc/passwd", ".bashrc", "-rf", "a\u0007b"])(
    "refuses a file named %j",
    (name) => {
      const hostile = dsc.replaceAll("sl_1.0~rc1.tar.xz", name);

      expect(() => sourceFromDsc(hostile, "sl.dsc")).toThrow(
        expect.objectContaining({ code: "unsafe-file-name", fault: "package" }),
      );
    },
  );

  test("refuses a file listed twice and a digest of another length", () => {
    const line = /^Checksums-Sha256:\n( .*)\n/m.exec(dsc)?.[1] ?? "";

    expect(() => sourceFromDsc(dsc.replace(line, `${line}\n${line}`), "sl.dsc")).toThrow(
      "twice in Checksums-Sha256",
    );
    expect(() => sourceFromDsc(dsc.replace(line, line.replace(/[0-9a-f]{4} /, " ")), "sl.dsc")).toThrow(
      "no SHA256 digest",
    );
  });
});

test("a .dsc's name has no epoch", () => {
  expect(dscName({ name: "sl", version: "1:1.0-1" })).toBe("sl_1.0-1.dsc");
});
