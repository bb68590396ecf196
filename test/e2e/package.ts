import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** A source package that needs nothing beyond the base: its rules are dpkg's own tools and make. */
export interface TinyPackage {
  readonly name: string;
  /** With a revision it has an original tarball, unless its format says otherwise. */
  readonly version?: string;
  readonly format?: "1.0" | "3.0 (native)" | "3.0 (quilt)";
  /** Further fields of the source's stanza of debian/control, such as `Build-Depends: hello`. */
  readonly fields?: readonly string[];
  /** Binary packages by name, with their architecture. Default: one of the source's name for `any`. */
  readonly binaries?: Readonly<Record<string, "any" | "all">>;
  /** Shell commands that the build runs; each line is one of make's. */
  readonly build?: readonly string[];
  /** The whole of debian/rules, instead of what is made of `build`. */
  readonly rules?: string;
  /** Files by their paths, beside those of debian/. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes `NAME-UPSTREAM/` into a directory, and the original tarball beside it if there is one; gives the tree's path. */
export async function writeTree(
  directory: string,
  tiny: TinyPackage,
  { orig = true }: { readonly orig?: boolean } = {},
): Promise<string> {
  const { name, version = "1.0", format = "3.0 (native)" } = tiny;
  const upstream = version.replace(/^\d+:|-[^-]*$/g, "");
  const tree = join(directory, `${name}-${upstream}`);
  await writeFiles(tree, { "greeting.txt": "good day\n", ...tiny.files });
  if (version.includes("-") && orig) {
    const tarball = join(directory, `${name}_${upstream}.orig.tar.gz`);
    await execa("tar", ["-czf", tarball, "-C", directory, `${name}-${upstream}`]);
  }
  await writeFiles(tree, {
    "debian/changelog": changelog(name, version),
    "debian/control": control(tiny),
    "debian/rules": tiny.rules ?? rules(tiny),
    "debian/source/format": `${format}\n`,
  });
  await chmod(join(tree, "debian/rules"), 0o755);
  return tree;
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

function changelog(name: string, version: string): string {
  return `${name} (${version}) trixie; urgency=medium

  * A package for a test.

 -- A Person <person@mirror.example>  Sat, 01 Mar 2025 12:00:00 +0000
`;
}

function control({ name, fields = [], binaries = { [name]: "any" } }: TinyPackage): string {
  const source = [
    `Source: ${name}`,
    "Section: misc",
    "Priority: optional",
    "Maintainer: A Person <person@mirror.example>",
    "Standards-Version: 4.7.0",
    ...fields,
  ];
  const stanzas = Object.entries(binaries).map(
    ([binary, architecture]) =>
      `Package: ${binary}\nArchitecture: ${architecture}\nDescription: made by a test\n`,
  );
  return [`${source.join("\n")}\n`, ...stanzas].join("\n");
}

/** Policy's targets (4.9), each binary package holding the greeting and what `build` left in `built/`. */
function rules({ name, binaries = { [name]: "any" }, build = ["true"] }: TinyPackage): string {
  const named = (wanted: "any" | "all") =>
    Object.entries(binaries).flatMap(([binary, architecture]) => (architecture === wanted ? [binary] : []));
  return `#!/usr/bin/make -f
build: build-arch build-indep
build-arch build-indep: build-stamp
build-stamp:
${build.map((line) => `\t${line}\n`).join("")}	touch build-stamp
clean:
	rm -rf build-stamp built debian/files debian/*.substvars ${Object.keys(binaries)
    .map((binary) => `debian/${binary}`)
    .join(" ")}
binary: binary-arch binary-indep
binary-arch: build-arch${named("any").map(packing).join("")}
binary-indep: build-indep${named("all").map(packing).join("")}
.PHONY: build build-arch build-indep clean binary binary-arch binary-indep
`;
}

function packing(binary: string): string {
  return `
	rm -rf debian/${binary}
	install -d debian/${binary}/DEBIAN debian/${binary}/usr/share/${binary}
	cp -r greeting.txt $(wildcard built) debian/${binary}/usr/share/${binary}/
	echo "$$DEB_BUILD_OPTIONS / $$DEB_BUILD_PROFILES" > debian/${binary}/usr/share/${binary}/options
	dpkg-gencontrol -p${binary} -Pdebian/${binary}
	dpkg-deb --root-owner-group --build debian/${binary} ..`;
}
