import { describe, expect, test } from "vitest";
import { VarRules } from "../../../../src/image/finish/var-rules.ts";
import { outcomes, varTable } from "../../../../src/image/finish/var-table.ts";
import { settleVar } from "../../../../src/image/finish/var.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { type Piece, directory, file, special, symlink } from "../lint/root.ts";
import { apply, failureOf, pathsOf, targetOf, textOf } from "./finishing.ts";

const accounts = {
  "etc/passwd": "root:x:0:0::/:/bin/sh\n_apt:x:42:65534::/:/bin/sh\n",
  "etc/group": "root:x:0:\nmail:x:8:\n",
};

function lines(tree: Tree): string[] {
  return (textOf(tree, "usr/lib/tmpfiles.d/debkiln-var.conf") ?? "")
    .split("\n")
    .filter((line) => /^[a-zA-Z]/.test(line));
}

/** The lines about one path of what is below /var. */
function lineFor(pieces: Readonly<Record<string, Piece>>, path: string): string | undefined {
  return lines(apply(settleVar, { ...accounts, ...pieces }).tree).find((line) => line.split(" ")[1] === path);
}

describe("/var", () => {
  test("is empty but for a skeleton and links into /usr", () => {
    const { tree } = apply(settleVar, {
      ...accounts,
      "var/lib/dpkg/status": "",
      "var/cache/apt/archives/lock": "",
      "var/lib/private": directory({ mode: 0o700 }),
      "var/log/dpkg.log": "",
      "var/mail": directory({ mode: 0o2775, gid: 8 }),
      "var/run": symlink("/run"),
      "var/lock": symlink("/run/lock"),
      "var/spool/mail": symlink("../mail"),
    });

    expect(pathsOf(tree).filter((path) => path.startsWith("var"))).toEqual([
      "var",
      "var/cache",
      "var/home",
      "var/lib",
      "var/lib/dpkg",
      "var/lock",
      "var/log",
      "var/mnt",
      "var/opt",
      "var/roothome",
      "var/run",
      "var/srv",
      "var/tmp",
      "var/usrlocal",
    ]);
    expect(tree.get("var/tmp")).toMatchObject({ mode: 0o1777 });
  });

  test("has what describes the image in /usr/lib/sysimage, with links that outlive hosts' own", () => {
    const { tree, notes } = apply(settleVar, {
      ...accounts,
      "var/lib/dpkg/status": "Package: a\n",
      "var/lib/dpkg/info": directory(),
      "var/cache/debconf/config.dat": "",
      "var/cache/debconf/config.dat-old": "",
      "var/lib/apt/extended_states": "",
    });

    expect(textOf(tree, "usr/lib/sysimage/dpkg/status")).toBe("Package: a\n");
    expect(pathsOf(tree)).toEqual(
      expect.arrayContaining(["usr/lib/sysimage/dpkg/info", "usr/lib/sysimage/cache/debconf/config.dat"]),
    );
    expect(pathsOf(tree).join()).not.toContain("config.dat-old");
    expect(targetOf(tree, "var/lib/dpkg")).toBe("../../usr/lib/sysimage/dpkg");
    expect(targetOf(tree, "var/lib/apt/extended_states")).toBe(
      "../../../usr/lib/sysimage/apt/extended_states",
    );
    expect(lines(tree)).toContain("L+ /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg");
    expect(notes).toContainEqual({ action: "moved", reason: "dpkg's database", paths: ["/var/lib/dpkg"] });
  });

  test.each<[string, string, Readonly<Record<string, Piece>>]>([
    [
      "d /var/lib/x 0750 _apt mail -",
      "/var/lib/x",
      { "var/lib/x": directory({ mode: 0o750, uid: 42, gid: 8 }) },
    ],
    ["d /var/lib/x 0755 1234 5678 -", "/var/lib/x", { "var/lib/x": directory({ uid: 1234, gid: 5678 }) }],
    [
      String.raw`d /var/lib/a\x20b%%c 0755 root root -`,
      String.raw`/var/lib/a\x20b%%c`,
      { "var/lib/a b%c": directory() },
    ],
    ["L /var/spool/mail - - - - ../mail", "/var/spool/mail", { "var/spool/mail": symlink("../mail") }],
    [
      "C /var/roothome/.bashrc - - - - /usr/share/factory/var/roothome/.bashrc",
      "/var/roothome/.bashrc",
      { "var/roothome/.bashrc": "" },
    ],
    ["L /var/roothome/x - - - - y", "/var/roothome/x", { "var/roothome/x": symlink("y") }],
    ["d /var/log/apt 0755 root root -", "/var/log/apt", { "var/log/apt/history.log": "" }],
  ])("is made at boot by lines: %s", (line, path, pieces) => {
    expect(lineFor(pieces, path)).toBe(line);
  });

  test("leaves to packages' own lines what they make", () => {
    const pieces = {
      "var/lib/x": directory(),
      "var/lib/y": directory(),
      "usr/lib/tmpfiles.d/x.conf": "# comment\nd /var/lib/x 0700 x x 10d\nz /var/lib/y 0700\n",
      "etc/tmpfiles.d/z.conf": "q! /var/lib/z/ 0700\n",
      "var/lib/z": directory(),
    };

    expect(lineFor(pieces, "/var/lib/x")).toBeUndefined();
    expect(lineFor(pieces, "/var/lib/z")).toBeUndefined();
    expect(lineFor(pieces, "/var/lib/y")).toBeDefined();
  });

  test("gives hosts copies of what is theirs from the beginning, with owner and mode", () => {
    const { tree } = apply(settleVar, {
      ...accounts,
      "var/www/html/index.html": file("<p>", { mode: 0o640, gid: 33 }),
    });

    expect(tree.get("usr/share/factory/var/www/html/index.html")).toMatchObject({ mode: 0o640, gid: 33 });
    expect(lines(tree)).toEqual(
      expect.arrayContaining([
        "d /var/www 0755 root root -",
        "d /var/www/html 0755 root root -",
        "C /var/www/html/index.html - - - - /usr/share/factory/var/www/html/index.html",
      ]),
    );
  });

  test("loses pipes and sockets, and what is of one host, whole", () => {
    const { tree } = apply(settleVar, {
      ...accounts,
      "var/lib/x/socket": special("socket"),
      "var/lib/cloud/instance/x": "",
      "var/lib/cloud/seed": directory(),
    });

    expect(lines(tree).join()).not.toContain("cloud");
    expect(pathsOf(tree).join()).not.toContain("cloud");
    expect(lines(tree)).toContain("d /var/lib/x 0755 root root -");
  });

  test("stops the build with a file that nobody has said anything about, and names its package", () => {
    const owners = new Map([
      ["var/lib/mysql", { name: "mariadb-server", architecture: "amd64" }],
      ["var/lib/strange/shipped", { name: "strange", architecture: "amd64" }],
    ]);
    const failure = failureOf(() =>
      apply(
        settleVar,
        {
          ...accounts,
          "var/lib/mysql/ibdata1": "",
          "var/lib/mysql/sys/db.opt": "",
          "var/lib/strange/shipped": "",
          "var/odd": "",
        },
        {},
        { owners },
      ),
    );

    expect(failure).toMatchObject({ code: "unclassified-var-path", fault: "usage" });
    expect(failure.message).toContain(
      "/var/lib/mysql (2 files of mariadb-server), /var/lib/strange (a file of strange), /var/odd (a file of no package)",
    );
    expect(failure.hint).toContain('[bootc.var] "/var/lib/mysql" = "seed"');
    expect(failure.details).toEqual({
      paths: ["/var/lib/mysql/ibdata1", "/var/lib/mysql/sys/db.opt", "/var/lib/strange/shipped", "/var/odd"],
    });
  });

  test("stops the build with programs in /opt that hosts would never get updated", () => {
    const owners = new Map([["opt/vendor/program", { name: "vendor-program", architecture: "amd64" }]]);
    const failure = failureOf(() =>
      apply(settleVar, { ...accounts, "var/opt/vendor/program": "" }, {}, { owners }),
    );

    expect(failure.message).toContain("vendor-program");
    expect(failure.hint).toContain('bootc.local to "image"');
  });

  test("is as the definition says, before what is known", () => {
    const pieces = {
      ...accounts,
      "var/lib/mysql/db": "",
      "var/log/keep/a": "",
      "var/lib/x/y": "",
      "var/lib/dpkg/status": "",
    };
    const { tree } = apply(settleVar, pieces, {
      var: {
        "/var/lib/mysql": "seed",
        "/var/log/keep/": "image",
        "/var/lib/x": "discard",
        "/var/lib": "seed",
      },
    });

    expect(pathsOf(tree)).toEqual(
      expect.arrayContaining([
        "usr/share/factory/var/lib/mysql/db",
        "usr/lib/sysimage/log/keep/a",
        "usr/lib/sysimage/dpkg/status",
      ]),
    );
    expect(lines(tree).join()).not.toContain("/var/lib/x");
  });

  test.each(["/etc/x", "var/lib/x", "/var", "/var/../etc", "/var/lib//x", "/var/lib/./x"])(
    "is not %s",
    (path) => {
      expect(failureOf(() => new VarRules({ [path]: "seed" }))).toMatchObject({
        code: "var-path-malformed",
        fault: "usage",
      });
    },
  );
});

describe("the table of what packages leave in /var", () => {
  test("has each path once, with a known outcome and a reason", () => {
    expect(new Set(varTable.map(({ path }) => path)).size).toBe(varTable.length);
    for (const { path, outcome, reason } of varTable) {
      expect(outcomes).toContain(outcome);
      expect(reason).not.toBe("");
      expect(path).toMatch(/^[A-Za-z0-9._*-]+(?:\/[A-Za-z0-9._*-]+)*$/);
    }
  });

  test("is asked by the longest path", () => {
    const rules = new VarRules({});

    expect(rules.find("var/lib/apt/lists/x")).toMatchObject({
      root: "var/lib/apt",
      rule: { outcome: "tmpfiles" },
    });
    expect(rules.find("var/lib/apt/extended_states")).toMatchObject({ rule: { outcome: "image" } });
    expect(rules.find("var/lib/ucf/hashfile.3")).toMatchObject({
      root: "var/lib/ucf/hashfile.3",
      rule: { outcome: "discard" },
    });
    expect(rules.find("var/lib/ucf/hashfile")).toMatchObject({
      root: "var/lib/ucf",
      rule: { outcome: "image" },
    });
    expect(rules.find("var/lib/aptitude")).toBeNull();
  });
});
