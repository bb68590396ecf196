import { describe, expect, test } from "vitest";
import { isUnitName, linksOf, parseInstall, templateOf } from "../../../../src/image/finish/unit-file.ts";

const ssh = `[Unit]
Description=A server
# [Install]
WantedBy=not.target

[Install]
WantedBy=multi-user.target
Alias=sshd.service
`;

describe("a unit's [Install] section", () => {
  test("says what enabling it does", () => {
    const install = parseInstall([ssh]);

    expect(install).toMatchObject({ wantedBy: ["multi-user.target"], alias: ["sshd.service"], also: [] });
    expect(install === null ? [] : linksOf(install, "ssh.service")).toEqual([
      "multi-user.target.wants/ssh.service",
      "sshd.service",
    ]);
  });

  test("is not always there", () => {
    expect(parseInstall(["[Unit]\nWantedBy=x.target\n"])).toBeNull();
    expect(parseInstall(["[Install]\n"])).toMatchObject({ wantedBy: [] });
  });

  test("has several words, lines and files, joined until an empty value takes them back", () => {
    const install = parseInstall([
      '[Install]\nWantedBy=a.target "b.target" \\\n  # comment\n  c.target\nRequiredBy=d.target\n;WantedBy=e.target\n',
      "[Install]\nRequiredBy=\nWantedBy = f.target\nUpheldBy=g.service\n",
    ]);

    expect(install).toMatchObject({
      wantedBy: ["a.target", "b.target", "c.target", "f.target"],
      requiredBy: [],
      upheldBy: ["g.service"],
    });
  });

  test("names units only: nothing leads out of the directory of links", () => {
    expect(
      parseInstall(["[Install]\nWantedBy=../../../x.target\nAlias=/etc/passwd a.service\n"]),
    ).toMatchObject({
      wantedBy: [],
      alias: ["a.service"],
    });
  });

  test("is of instances, by their names", () => {
    const install = parseInstall(["[Install]\nWantedBy=getty.target %p-%i.target\nDefaultInstance=tty1\n"]);

    expect(install?.defaultInstance).toBe("tty1");
    expect(install === null ? [] : linksOf(install, "getty@tty1.service")).toEqual([
      "getty.target.wants/getty@tty1.service",
      "getty-tty1.target.wants/getty@tty1.service",
    ]);
  });
});

describe("a unit's name", () => {
  test("has one of systemd's suffixes", () => {
    expect(
      ["a.service", "getty@tty1.service", String.raw`dev-disk-by\x2dlabel-x.swap`].map(isUnitName),
    ).toEqual([true, true, true]);
    expect(["a", "a.conf", "a/b.service", "a.service.d", ".."].map(isUnitName)).toEqual(Array(5).fill(false));
  });

  test("tells of which template it is an instance", () => {
    expect(templateOf("getty@tty1.service")).toEqual({ template: "getty@.service", instance: "tty1" });
    expect(templateOf("getty@.service")).toBeNull();
    expect(templateOf("ssh.service")).toBeNull();
  });
});
