import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";

export const control = `Source: sl
Maintainer: A B <a@b.example>
Build-Depends: debhelper-compat (= 13),
 libfoo-dev [amd64] <!nocheck>
Build-Depends-Indep: doxygen
Build-Conflicts: evil
Rules-Requires-Root: no

Package: sl
Architecture: any
Description: runs
 far

Package: sl-doc
Architecture: all
Build-Profiles: <!nodoc !stage1> <pkg.sl.doc>
Description: tells
 much

Package: sl-udeb
Architecture: linux-any hurd-any
Package-Type: udeb
Description: installs
 .
 well
`;

export const changelog = `sl (1:1.0~rc1) unstable; urgency=medium

  * Run.

 -- A B <a@b.example>  Sat, 21 Nov 2026 10:00:00 +0100
`;

/** What dpkg's own tools write for a native source package `sl` of the texts above. */
export function dpkgFiles(): { readonly dsc: string; readonly changes: string; readonly buildinfo: string } {
  const directory = mkdtempSync(join(tmpdir(), "debkiln-test-"));
  try {
    const tree = join(directory, "sl-1.0");
    mkdirSync(join(tree, "debian/source"), { recursive: true });
    writeFileSync(join(tree, "debian/control"), control);
    writeFileSync(join(tree, "debian/changelog"), changelog);
    writeFileSync(join(tree, "debian/source/format"), "3.0 (native)\n");
    writeFileSync(join(tree, "debian/rules"), "#!/usr/bin/make -f\n%:\n\ttrue\n", { mode: 0o755 });
    execaSync("dpkg-source", ["-b", "sl-1.0"], { cwd: directory });
    const environment = { DEB_BUILD_OPTIONS: 'parallel=2 note="a b"' };
    execaSync("dpkg-genbuildinfo", ["--build=source"], { cwd: tree, env: environment });
    const { stdout: changes } = execaSync("dpkg-genchanges", ["-S"], { cwd: tree, stripFinalNewline: false });
    return {
      dsc: readFileSync(join(directory, "sl_1.0~rc1.dsc"), "utf8"),
      buildinfo: readFileSync(join(directory, "sl_1.0~rc1_source.buildinfo"), "utf8"),
      changes,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
