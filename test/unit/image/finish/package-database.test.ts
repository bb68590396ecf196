import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execaSync } from "execa";
import { describe, expect, test } from "vitest";
import { tidyPackageDatabase } from "../../../../src/image/finish/package-database.ts";
import { settleOrder } from "../../../../src/image/finish/stable-order.ts";
import { settleTimes } from "../../../../src/image/finish/times.ts";
import { type Piece, directory, file, hardLink, treeOf } from "../lint/root.ts";
import { apply, epoch, failureOf, pathsOf, textOf } from "./finishing.ts";

const stanza = (name: string, architecture = "amd64", state = "install ok installed") =>
  `Package: ${name}\nStatus: ${state}\nMaintainer: J\u00f6rg <j@example.org>\nArchitecture: ${architecture}\nMulti-Arch: same\nVersion: 1-1\nDescription: a package\n with\n .\n lines\n`;
const database = {
  "var/lib/dpkg/status": [
    stanza("zlib"),
    stanza("libc6", "i386"),
    stanza("libc6"),
    stanza("old", "amd64", "deinstall ok config-files"),
  ].join("\n"),
  "var/lib/dpkg/diversions": "/bin/z\n/bin/z.real\nzpkg\n/bin/a\n/bin/a.real\napkg\n",
  "var/lib/dpkg/statoverride": "root mail 2755 /usr/bin/z\nroot root 4755 /usr/bin/a\n",
  "var/lib/dpkg/triggers/File": "/usr/share/z zpkg/noawait\n/usr/share/a apkg\n",
  "var/lib/dpkg/triggers/Unincorp": "",
  "var/lib/dpkg/triggers/Lock": "",
  "var/lib/dpkg/updates": directory(),
  "var/lib/dpkg/lock": "",
  "var/lib/dpkg/lock-frontend": "",
  "var/lib/dpkg/available": "",
  "var/lib/dpkg/status-old": "",
  "var/lib/dpkg/diversions-old": "",
  "var/lib/dpkg/info/format": "1\n",
  "var/lib/dpkg/info/zlib:amd64.list": "/.\n",
};

describe("dpkg's database", () => {
  const { tree } = apply(tidyPackageDatabase, database);

  test("has no locks and backups", () => {
    expect(pathsOf(tree).filter((path) => path.startsWith("var/lib/dpkg/"))).toEqual([
      "var/lib/dpkg/diversions",
      "var/lib/dpkg/info",
      "var/lib/dpkg/info/format",
      "var/lib/dpkg/info/zlib:amd64.list",
      "var/lib/dpkg/statoverride",
      "var/lib/dpkg/status",
      "var/lib/dpkg/triggers",
      "var/lib/dpkg/triggers/File",
      "var/lib/dpkg/triggers/Unincorp",
      "var/lib/dpkg/updates",
    ]);
  });

  test("is in an order that depends on the packages alone, each byte of theirs kept", () => {
    expect(textOf(tree, "var/lib/dpkg/status")).toBe(
      [
        stanza("libc6"),
        stanza("libc6", "i386"),
        stanza("old", "amd64", "deinstall ok config-files"),
        stanza("zlib"),
      ].join("\n") + "\n",
    );
    expect(textOf(tree, "var/lib/dpkg/diversions")).toBe(
      "/bin/a\n/bin/a.real\napkg\n/bin/z\n/bin/z.real\nzpkg\n",
    );
    expect(textOf(tree, "var/lib/dpkg/statoverride")).toBe(
      "root mail 2755 /usr/bin/z\nroot root 4755 /usr/bin/a\n",
    );
    expect(textOf(tree, "var/lib/dpkg/triggers/File")).toBe("/usr/share/a apkg\n/usr/share/z zpkg/noawait\n");
  });

  test("says the same to dpkg as before", () => {
    const said = [treeOf(database), tree].map((each) => {
      const folder = mkdtempSync(join(tmpdir(), "debkiln-test-"));
      try {
        for (const path of pathsOf(each)) {
          const target = join(folder, path);
          mkdirSync(dirname(target), { recursive: true });
          if (each.get(path)?.type === "file") writeFileSync(target, textOf(each, path) ?? "");
          else mkdirSync(target, { recursive: true });
        }
        const admindir = `--admindir=${folder}/var/lib/dpkg`;
        const query = execaSync("dpkg-query", [
          admindir,
          "-W",
          "-f",
          "${binary:Package} ${Version} ${db:Status-Status} ${Maintainer}\n",
        ]);
        const diverted = execaSync("dpkg-divert", [admindir, "--list"]).stdout.split("\n").toSorted();
        const overridden = execaSync("dpkg-statoverride", [admindir, "--list"]).stdout.split("\n").toSorted();
        return [query.stdout, diverted, overridden];
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    expect(said[1]).toEqual(said[0]);
    expect(String(said[0]?.[0])).toContain("libc6:i386 1-1 installed J\u00f6rg");
  });

  test("must be there, with all packages configured", () => {
    const halfway = {
      "var/lib/dpkg/status": [stanza("a"), stanza("b", "amd64", "install ok half-configured")].join("\n"),
    };
    const failure = failureOf(() => apply(tidyPackageDatabase, halfway));

    expect(failure).toMatchObject({ code: "packages-not-configured", fault: "package" });
    expect(failure.message).toContain("b (half-configured)");
    expect(failureOf(() => apply(tidyPackageDatabase, {}))).toMatchObject({ code: "no-package-database" });
  });

  test("has which packages were asked for where apt finds it in derived images, too", () => {
    const state = apply(tidyPackageDatabase, {
      ...database,
      "var/lib/apt/extended_states":
        "Package: b\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: a\nArchitecture: amd64\nAuto-Installed: 1\n\n",
    });

    expect(textOf(state.tree, "etc/apt/apt.conf.d/05debkiln-state")).toBe(
      'Dir::State::extended_states "/usr/lib/sysimage/apt/extended_states";\n',
    );
    expect(textOf(state.tree, "var/lib/apt/extended_states")).toMatch(
      /^Package: a\n[^]*\n\nPackage: b\n[^]*\n\n$/,
    );
  });
});

describe("other files that tell of the installation's order and time", () => {
  test("tell of it no more", () => {
    const { tree } = apply(settleOrder, {
      "etc/shells": "# /etc/shells: valid login shells\n/usr/bin/zsh\n/bin/sh\n",
      "var/lib/ucf/hashfile": "2  /etc/b\n1  /etc/a\n",
      "etc/mdadm/mdadm.conf":
        "HOMEHOST <system>\n# This configuration was auto-generated on Sat, 12 Sep 2026 07:55:41 +0000 by mkconf\n",
    });

    expect(textOf(tree, "etc/shells")).toBe("# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/zsh\n");
    expect(textOf(tree, "var/lib/ucf/hashfile")).toBe("1  /etc/a\n2  /etc/b\n");
    expect(textOf(tree, "etc/mdadm/mdadm.conf")).toBe("HOMEHOST <system>\n");
  });
});

/** A file of that time. */
function at(mtime: number): Piece {
  return (path) => ({ ...file("")(path), mtime });
}

describe("times", () => {
  const owner = { name: "a", architecture: "amd64" };
  const built = epoch - 100;
  const { tree } = apply(
    settleTimes,
    {
      "usr/bin/shipped": at(epoch - 1000),
      "usr/bin/made-anew": at(epoch + 1000),
      "usr/bin/made-anew-before": at(epoch - 50),
      "usr/bin/made": at(epoch - 500),
      "usr/bin/name": hardLink("usr/bin/shipped"),
      "usr/lib": directory(),
      "usr/share/foreign": at(epoch - 10),
      "var/lib/listed": at(epoch - 1000),
      "var/lib/dpkg/info/a:amd64.list": at(epoch + 5),
      "var/lib/dpkg/info/a:amd64.md5sums": at(built),
      "var/lib/dpkg/info/a:amd64.postinst": at(built - 7),
      "var/lib/dpkg/info/a:i386.md5sums": at(5),
      "var/lib/dpkg/info/b.postinst": at(epoch - 20),
    },
    {},
    {
      owners: new Map([
        ...["shipped", "made-anew", "made-anew-before"].map((name) => [`usr/bin/${name}`, owner] as const),
        ["usr/lib", owner],
        ["var/lib/listed", owner],
        ["usr/share/foreign", { name: "b", architecture: "all" }],
      ]),
    },
  );
  const time = (path: string) => tree.get(path)?.mtime;

  test("are those of packages for what they ship, and no later than they were built", () => {
    expect(time("usr/bin/shipped")).toBe(epoch - 1000);
    expect(time("usr/bin/name")).toBe(epoch - 1000);
    expect(time("usr/bin/made-anew")).toBe(built);
    expect(time("usr/bin/made-anew-before")).toBe(built);
    expect(time("usr/share/foreign")).toBe(epoch - 20);
  });

  test("are the epoch for all else", () => {
    expect(["usr/bin/made", "usr/lib", ".", "var/lib/listed"].map(time)).toEqual(Array(4).fill(epoch));
  });
});
