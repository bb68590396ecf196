import { cp, mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { refusalOf, refused } from "./place.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");

describe("a .dsc", () => {
  let dsc: string;
  let tarball: string;
  beforeAll(async () => {
    const tree = await writeTree(join(place.directory, "sources"), { name: "bad-dsc" });
    await execa("dpkg-source", ["-b", tree], { cwd: join(place.directory, "sources") });
    dsc = await readFile(join(place.directory, "sources/bad-dsc_1.0.dsc"), "utf8");
    tarball = join(place.directory, "sources/bad-dsc_1.0.tar.xz");
  });

  /** A directory with the package as the change leaves it. */
  async function changed(
    name: string,
    change: (directory: string, dsc: string) => Promise<string>,
  ): Promise<string> {
    const directory = join(place.directory, name);
    await mkdir(directory);
    await cp(tarball, join(directory, "bad-dsc_1.0.tar.xz"));
    const file = join(directory, "bad-dsc_1.0.dsc");
    await writeFile(file, dsc);
    const text = await change(directory, dsc);
    if (text !== dsc) await writeFile(file, text);
    return file;
  }

  test.each<{
    title: string;
    change: (directory: string, dsc: string) => Promise<string>;
    exitCode?: number;
    says: RegExp;
    hint: RegExp;
  }>([
    {
      title: "without its tarball",
      change: async (directory, text) => {
        await rm(join(directory, "bad-dsc_1.0.tar.xz"));
        return text;
      },
      says: /^bad-dsc_1\.0\.dsc lists bad-dsc_1\.0\.tar\.xz, which is not in /,
      hint: /Put all files of the source package beside its \.dsc/,
    },
    {
      title: "whose tarball is cut short",
      change: async (directory, text) => {
        await truncate(join(directory, "bad-dsc_1.0.tar.xz"), 100);
        return text;
      },
      says: /bad-dsc_1\.0\.tar\.xz has 100 bytes, but bad-dsc_1\.0\.dsc says \d+ bytes$/,
      hint: /fetch the source package again/,
    },
    {
      title: "whose tarball has other bytes",
      change: async (directory, text) => {
        const path = join(directory, "bad-dsc_1.0.tar.xz");
        const bytes = await readFile(path);
        await writeFile(path, bytes.fill(0, 50, 60));
        return text;
      },
      says: /bad-dsc_1\.0\.tar\.xz has SHA256 [0-9a-f]{64}, but bad-dsc_1\.0\.dsc says [0-9a-f]{64}$/,
      hint: /fetch the source package again/,
    },
    {
      title: "that names a file in the directory above",
      change: async (_, text) => text.replaceAll(" bad-dsc_1.0.tar.xz", " ../bad-dsc_1.0.tar.xz"),
      says: /names a file "\.\.\/bad-dsc_1\.0\.tar\.xz"$/,
      hint: /do not trust this file/,
    },
    {
      title: "that names a file of the host",
      change: async (_, text) => text.replaceAll(" bad-dsc_1.0.tar.xz", " /etc/passwd"),
      says: /names a file "\/etc\/passwd"$/,
      hint: /do not trust this file/,
    },
    {
      title: "that is something else",
      change: async () => "\u007fELF\u0002\u0001\nnothing of the kind\n",
      says: /^bad-dsc_1\.0\.dsc, line 1: control data/,
      hint: /Mend line 1 of bad-dsc_1\.0\.dsc/,
    },
    {
      title: "without a Version",
      change: async (_, text) => text.replace(/^Version:.*\n/m, ""),
      says: /the field Version is missing$/,
      hint: /Add the field Version/,
    },
    {
      title: "of a hundred megabytes",
      change: async (directory) => {
        await truncate(join(directory, "bad-dsc_1.0.dsc"), 100 * 1024 ** 2);
        return dsc;
      },
      says: /larger than the allowed 4194304 bytes$/,
      hint: /check that it is one/,
    },
  ])("$title is refused", async ({ title, change, exitCode = 3, says, hint }) => {
    const file = await changed(title, change);

    const ended = await place.run(["build", file]);

    expect(refusalOf(ended)).toEqual(refused({ exitCode, says, hint }));
  });

  test("that is not there is refused, with the nearest name", async () => {
    const ended = await place.run(["build", "sources/bad-dsc_1.00.dsc"]);

    expect(refusalOf(ended)).toEqual(
      refused({
        exitCode: 2,
        says: /^sources\/bad-dsc_1\.00\.dsc does not exist$/,
        hint: /Did you mean sources\/bad-dsc_1\.0\.dsc\?/,
      }),
    );
  });
});

describe("a tree", () => {
  test("is sent with links out of it as links, unread, and is never changed", async () => {
    await writeFile(join(place.directory, "secret"), "a secret of the host\n");
    const tree = await writeTree(place.directory, {
      name: "bad-links",
      build: [
        "cat out || echo no file behind the link",
        "rm -rf greeting.txt && echo other > greeting.txt",
        "ls -l up",
      ],
    });
    await symlink(join(place.directory, "secret"), join(tree, "out"));
    await symlink("../../../../../../..", join(tree, "up"));
    const before = await fingerprint(tree);

    const ended = await place.run(["build", "--no-arch-all", tree]);

    expect(ended).toMatchObject({ exitCode: 0 });
    const { log } = await readRecords(join(place.directory, "out/bad-links_1.0_amd64"));
    expect(log).toContain("no file behind the link");
    expect(log).not.toContain("a secret of the host");
    expect(await fingerprint(tree)).toBe(before);
  });

  test.each([
    ["debian/control", "/etc/hostname"],
    ["debian/changelog", "../../secret"],
  ])("whose %s leads out of it is refused", async (file, target) => {
    const tree = await writeTree(join(place.directory, file.replace("/", "-")), { name: "bad-control" });
    await rm(join(tree, file));
    await writeFile(join(tree, "../secret"), "");
    await symlink(target, join(tree, file));

    const ended = await place.run(["build", tree]);

    expect(refusalOf(ended)).toEqual(
      refused({
        exitCode: 3,
        says: /is a symbolic link that leads out of the source tree$/,
        hint: /Put the file itself there/,
      }),
    );
  });

  test("with a named pipe is refused, and the log of that is kept", async () => {
    const tree = await writeTree(place.directory, { name: "bad-pipe" });
    await execa("mkfifo", [join(tree, "pipe")]);

    const ended = await place.run(["build", tree]);

    expect(refusalOf(ended)).toEqual(
      refused({
        exitCode: 2,
        says: /bad-pipe-1\.0\/pipe is a device, socket or named pipe$/,
        hint: /exclude it in \.debkilnignore/,
      }),
    );
    const { result } = await readRecords(join(place.directory, "out/bad-pipe_1.0_amd64.failed"));
    expect(result).toMatchObject({ status: "failed", failure: { code: "source-special-file" } });
  });

  test("whose changelog is a named pipe is refused at once", async () => {
    const tree = await writeTree(place.directory, { name: "bad-changelog" });
    await rm(join(tree, "debian/changelog"));
    await execa("mkfifo", [join(tree, "debian/changelog")]);

    const ended = await place.run(["build", tree]);

    expect(refusalOf(ended)).toEqual(
      refused({
        exitCode: 2,
        says: /changelog: it is not a regular file$/,
        hint: /Make it readable/,
      }),
    );
  });

  test("whose changelog has twenty megabytes of history builds", async () => {
    const tree = await writeTree(place.directory, { name: "bad-history" });
    const changelog = await readFile(join(tree, "debian/changelog"), "utf8");
    const older = changelog.replace("(1.0)", "(0.9)").replace("A package", "x".repeat(1_000_000));
    await writeFile(
      join(tree, "debian/changelog"),
      [changelog, ...Array.from({ length: 20 }, () => older)].join("\n"),
    );

    const ended = await place.run(["build", "--no-arch-all", tree]);

    expect(ended).toMatchObject({ exitCode: 0 });
  });
});

/** What there is in a directory: names, types, sizes, times, link targets and bytes. */
async function fingerprint(directory: string): Promise<string> {
  const script =
    'cd "$1" && find . -printf "%p %y %m %s %T@ %l\\n" | sort && find . -type f -exec sha256sum {} + | sort';
  return (await execa("sh", ["-c", script, "sh", directory])).stdout;
}
