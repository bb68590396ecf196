import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The files of a small source package, `hello` 1.0-1, by their paths. */
export const helloFiles = {
  "debian/control": `Source: hello
Maintainer: A Person <person@mirror.example>
Build-Depends: debhelper-compat (= 13)
Standards-Version: 4.7.0

Package: hello
Architecture: all
Description: greets
`,
  "debian/changelog": `hello (1.0-1) unstable; urgency=low

  * First.

 -- A Person <person@mirror.example>  Mon, 02 Jan 2023 10:00:00 +0000
`,
  "debian/rules": "#!/usr/bin/make -f\n%:\n\tdh $@\n",
  "debian/source/format": "3.0 (quilt)\n",
  "hello.txt": "hi\n",
} as const;

/** Writes a tree of files; gives its path. */
export async function writeTree(
  directory: string,
  files: Readonly<Record<string, string>> = helloFiles,
): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  if ("debian/rules" in files) await chmod(join(directory, "debian/rules"), 0o755);
  return directory;
}

/** Makes `hello_1.0-1.dsc` and its files in a directory with dpkg-source; gives the .dsc's path. */
export async function writeDsc(directory: string): Promise<string> {
  const tree = await writeTree(join(directory, "hello-1.0"));
  await run("tar", [
    "-czf",
    join(directory, "hello_1.0.orig.tar.gz"),
    "-C",
    directory,
    "--exclude=debian",
    "hello-1.0",
  ]);
  await run("dpkg-source", ["--build", tree], { cwd: directory });
  return join(directory, "hello_1.0-1.dsc");
}
