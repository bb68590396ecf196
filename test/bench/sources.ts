import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A source tree that only has build dependencies: what is measured with it is how they come to be there. */
export async function dependencyTree(
  directory: string,
  name: string,
  depends: readonly string[],
): Promise<string> {
  const tree = join(directory, name);
  await mkdir(join(tree, "debian", "source"), { recursive: true });
  await writeFile(
    join(tree, "debian", "control"),
    `Source: ${name}
Maintainer: Bench <bench@localhost>
Build-Depends: ${depends.join(", ")}
Rules-Requires-Root: no

Package: ${name}
Architecture: all
Description: benchmark
`,
  );
  await writeFile(
    join(tree, "debian", "changelog"),
    `${name} (1) trixie; urgency=low\n\n  * x\n\n -- Bench <bench@localhost>  Thu, 01 Jan 2026 00:00:00 +0000\n`,
  );
  await writeFile(join(tree, "debian", "source", "format"), "3.0 (native)\n");
  await writeFile(
    join(tree, "debian", "rules"),
    `#!/usr/bin/make -f
clean build build-indep build-arch binary-arch:
binary binary-indep:
	mkdir -p debian/tmp/DEBIAN
	dpkg-gencontrol
	dpkg-deb --root-owner-group --build debian/tmp ..
`,
  );
  await chmod(join(tree, "debian", "rules"), 0o755);
  return tree;
}

/** The same with a build that keeps one processor busy for some seconds, and no other. */
export async function slowTree(directory: string, name: string): Promise<string> {
  const tree = await dependencyTree(directory, name, []);
  const rules = join(tree, "debian", "rules");
  const busy = "binary binary-indep:\n\tperl -e '1 for 1 .. 800_000_000'\n";
  await writeFile(rules, (await readFile(rules, "utf8")).replace("binary binary-indep:\n", busy));
  return tree;
}

/** The same with a large file in it, so that the size of what streams through can be seen in the memory of the process. */
export async function largeTree(directory: string, name: string, megabytes: number): Promise<string> {
  const tree = await dependencyTree(directory, name, []);
  const block = Buffer.alloc(1024 * 1024, "debkiln ");
  for (let at = 0; at < megabytes / 64; at++) {
    await writeFile(join(tree, `data-${at}`), Buffer.concat(Array.from({ length: 64 }, () => block)));
  }
  return tree;
}
