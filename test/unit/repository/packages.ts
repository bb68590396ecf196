import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** A binary package to be made. */
export interface TinyDeb {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  /** Further fields of its control file. */
  readonly fields?: readonly string[];
  /** Files by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  readonly compression?: "xz" | "zstd" | "gzip" | "none";
}

/** Makes a .deb with dpkg-deb itself; gives its path. */
export async function makeDeb(directory: string, tiny: TinyDeb): Promise<string> {
  const { name, version = "1.0", architecture = "amd64", compression = "gzip" } = tiny;
  const tree = join(directory, "trees", `${name}_${version}_${architecture}`);
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    "Maintainer: A Person <person@mirror.example>",
    ...(tiny.fields ?? []),
    "Description: made by a test",
    " with a second line",
    " .",
    " and a third",
    "",
  ];
  const files = { "DEBIAN/control": control.join("\n"), [`usr/share/${name}/word`]: name, ...tiny.files };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  const path = join(directory, `${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`);
  await execa("dpkg-deb", ["--root-owner-group", `-Z${compression}`, "--build", tree, path]);
  return path;
}

/** Makes a native source package with dpkg-source; gives the path of its .dsc. */
export async function makeDsc(directory: string, name: string, version = "1.0"): Promise<string> {
  const tree = join(directory, `${name}-${version}`);
  const files = {
    "debian/control": `Source: ${name}\nMaintainer: A Person <person@mirror.example>\nBuild-Depends: debhelper\n\nPackage: ${name}\nArchitecture: all\nDescription: made by a test\n`,
    "debian/changelog": `${name} (${version}) trixie; urgency=medium\n\n  * A test.\n\n -- A Person <person@mirror.example>  Sat, 01 Mar 2025 12:00:00 +0000\n`,
    "debian/source/format": "3.0 (native)\n",
    "debian/rules": "#!/bin/sh\n",
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  await execa("dpkg-source", ["-b", tree], { cwd: directory });
  return join(directory, `${name}_${version}.dsc`);
}
