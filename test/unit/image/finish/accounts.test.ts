import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settleAccounts } from "../../../../src/image/finish/account-order.ts";
import { declareAccounts } from "../../../../src/image/finish/declared-accounts.ts";
import { file } from "../lint/root.ts";
import { apply, pathsOf, textOf } from "./finishing.ts";

describe("account files", () => {
  test("are in the order of ids, whatever the order of installation", () => {
    const passwd = [
      "root:x:0:0:root:/root:/bin/bash",
      "b:x:102:102::/:/bin/sh",
      "a:x:101:101::/:/bin/sh",
      "nobody:x:65534:65534::/:/bin/false",
    ];
    const shadow = [
      "root:*:19000:0:99999:7:::",
      "b:!:20000::::::",
      "a:!*:19999::::::",
      "nobody:*:19000:0:99999:7:::",
    ];
    const group = ["root:x:0:", "b:x:102:a,b", "a:x:101:"];
    const gshadow = ["root:*::", "b:!::b,a", "a:!::"];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (order, groups) => {
          const { tree } = apply(settleAccounts, {
            "etc/passwd": joined(order.map((at) => passwd[at] ?? "")),
            "etc/shadow": joined(order.toReversed().map((at) => shadow[at] ?? "")),
            "etc/group": joined(groups.map((at) => group[at] ?? "")),
            "etc/gshadow": joined(groups.toReversed().map((at) => gshadow[at] ?? "")),
          });
          expect(textOf(tree, "etc/passwd")).toBe(
            joined([passwd[0], passwd[2], passwd[1], passwd[3]].map(String)),
          );
          // 1 700 000 000 seconds are 19675 days.
          expect(textOf(tree, "etc/shadow")).toBe(
            "root:*:19675:0:99999:7:::\na:!*:19675::::::\nb:!:19675::::::\nnobody:*:19675:0:99999:7:::\n",
          );
          expect(textOf(tree, "etc/group")).toBe("root:x:0:\na:x:101:\nb:x:102:a,b\n");
          expect(textOf(tree, "etc/gshadow")).toBe("root:*::\na:!::\nb:!::a,b\n");
        },
      ),
    );
  });

  test("keep comments, NSS lines, empty days and a forced change of password as they are", () => {
    const { tree } = apply(settleAccounts, {
      "etc/passwd": "+::::::\nb:x:2:2::/:\n# comment\na:x:1:1::/:\n",
      "etc/shadow": "a:!:0:::::1\nb:!:::::::\n",
    });

    expect(textOf(tree, "etc/passwd")).toBe("# comment\na:x:1:1::/:\nb:x:2:2::/:\n+::::::\n");
    expect(textOf(tree, "etc/shadow")).toBe("a:!:0:::::1\nb:!:::::::\n");
  });

  // Only root may give a file to root, which they do with the sorted one.
  test.skipIf(process.getuid?.() !== 0)("are in the order that pwck and grpck sort them into", () => {
    const id = fc.integer({ min: 0, max: 70_000 });
    const accounts = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), id), {
      minLength: 1,
      maxLength: 20,
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(accounts, (list) => {
        const unique = [...new Map(list.map((each) => [each[1], each])).values()];
        const passwd = unique.map(([name, uid]) => `${name}:x:${uid}:0::/:/bin/sh\n`).join("");
        const group = unique.map(([name, gid]) => `${name}:x:${gid}:\n`).join("");
        const { tree } = apply(settleAccounts, { "etc/passwd": passwd, "etc/group": group });
        expect(textOf(tree, "etc/passwd")).toBe(sortedBy("/usr/sbin/pwck", passwd));
        expect(textOf(tree, "etc/group")).toBe(sortedBy("/usr/sbin/grpck", group));
      }),
      { numRuns: 15 },
    );
  });

  test("know the builder of packages no more", () => {
    const { tree } = apply(settleAccounts, {
      "etc/passwd":
        "root:x:0:0::/root:/bin/sh\nbuilder:x:1234:1234:debkiln builder:/sbuild-nonexistent:/bin/sh\n",
      "etc/shadow": "root:*:1::::::\nbuilder:!:19000::::::\n",
      "etc/group": "root:x:0:\nbuilder:x:1234:\n",
      "etc/gshadow": "root:*::\nbuilder:!::\n",
      "build/reproducible-path/x": "",
    });
    const other = apply(settleAccounts, { "etc/passwd": "builder:x:1000:1000::/home/builder:/bin/sh\n" });

    expect(
      ["passwd", "shadow", "group", "gshadow"].map((name) => textOf(tree, `etc/${name}`)).join(),
    ).not.toContain("builder");
    expect(pathsOf(tree).filter((path) => path.startsWith("build"))).toEqual([]);
    expect(textOf(other.tree, "etc/passwd")).toContain("builder");
  });
});

describe("sysusers.d", () => {
  const passwd = [
    "root:x:0:0:root:/root:/bin/bash",
    "messagebus:x:101:102:Message Bus:/nonexistent:/usr/sbin/nologin",
    "polkitd:x:103:103::/:/usr/sbin/nologin",
    'operator:x:1000:1000:An "operator":/home/operator:/bin/bash',
  ];
  const group = [
    "root:x:0:",
    "_ssh:x:110:",
    "messagebus:x:102:",
    "polkitd:x:103:",
    "operator:x:1000:",
    "sudo:x:27:operator",
  ];
  const pieces = {
    "etc/passwd": passwd.map((line) => `${line}\n`).join(""),
    "etc/group": group.map((line) => `${line}\n`).join(""),
    "usr/lib/sysusers.d/basic.conf": "u root 0 - /root\ng sudo 27\n",
    "usr/lib/sysusers.d/dbus.conf": 'u messagebus - "Message Bus"\n',
    "usr/lib/sysusers.d/polkit.conf": "u polkitd -\n",
  };

  test("declares every account, with the id that it has", () => {
    const { tree } = apply(declareAccounts, pieces);

    expect(textOf(tree, "usr/lib/sysusers.d/00-debkiln.conf")).toBe(
      '# Accounts of the image that no package declares with a fixed id.\ng _ssh 110\ng operator 1000\nu operator 1000:1000 "An operator" /home/operator /bin/bash\nm operator sudo\n',
    );
  });

  test("fixes the ids of accounts that files of the image belong to, by their group where that suffices", () => {
    const { tree } = apply(declareAccounts, {
      ...pieces,
      "etc/polkit-1/rules.d/x": file("", { uid: 103 }),
      "usr/lib/helper": file("", { uid: 101, gid: 102 }),
    });

    expect(textOf(tree, "usr/lib/sysusers.d/00-debkiln.conf")?.split("\n").slice(1, -1)).toEqual([
      "g _ssh 110",
      "g messagebus 102",
      "g polkitd 103",
      "g operator 1000",
      'u messagebus 101:102 "Message Bus" /nonexistent /usr/sbin/nologin',
      'u operator 1000:1000 "An operator" /home/operator /bin/bash',
      "m operator sudo",
    ]);
  });

  test("does not count what is in /var, which hosts make by name", () => {
    const { tree } = apply(declareAccounts, { ...pieces, "var/lib/polkit-1": file("", { uid: 103 }) });

    expect(textOf(tree, "usr/lib/sysusers.d/00-debkiln.conf")).not.toContain("polkitd");
  });

  test("needs no lines when packages declare all", () => {
    const { tree } = apply(declareAccounts, {
      "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
      "etc/group": "root:x:0:\n",
      "usr/lib/sysusers.d/basic.conf": "u root 0 - /root\n",
    });

    expect(pathsOf(tree)).not.toContain("usr/lib/sysusers.d/00-debkiln.conf");
  });
});

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** What shadow's own tools make of a file of their own form. */
function sortedBy(program: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "debkiln-test-"));
  try {
    const [path, shadow] = [join(folder, "file"), join(folder, "shadow")];
    writeFileSync(path, text);
    writeFileSync(shadow, "");
    execaSync(program, ["-s", path, shadow], { reject: false });
    return readFileSync(path, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
