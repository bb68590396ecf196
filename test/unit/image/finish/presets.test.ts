import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execaSync } from "execa";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { presetFile, presetUnits } from "../../../../src/image/finish/presets.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { type Piece, symlink, treeOf } from "../lint/root.ts";
import { apply, failureOf, pathsOf, targetOf, textOf } from "./finishing.ts";

const vendor = "usr/lib/systemd/system";
const etc = "etc/systemd/system";

const unit = (install: string | null): string =>
  `[Unit]\n${install === null ? "" : `[Install]\n${install}\n`}`;

const units: Record<string, Piece> = {
  [`${vendor}/ssh.service`]: unit("WantedBy=multi-user.target\nAlias=sshd.service"),
  [`${vendor}/ssh.socket`]: unit("WantedBy=sockets.target"),
  [`${vendor}/getty@.service`]: unit("WantedBy=getty.target\nDefaultInstance=tty1"),
  [`${vendor}/static.service`]: unit(null),
  [`${vendor}/network.service`]: unit("WantedBy=multi-user.target\nAlso=wait.service"),
  [`${vendor}/wait.service`]: unit("WantedBy=online.target"),
  [`${vendor}/dbus-x.service`]: symlink("static.service"),
};
const link = (path: string, to: string): Record<string, Piece> => ({
  [`${etc}/${path}`]: symlink(`/lib/systemd/system/${to}`),
});
const root = { lib: symlink("usr/lib"), ...units };

/** The lines that say something. */
function presetsOf(tree: Tree): string[] {
  return (textOf(tree, presetFile) ?? "").split("\n").filter((line) => /^(?:en|dis)able /.test(line));
}

function linksIn(tree: Tree): string[] {
  return pathsOf(tree).filter((path) => path.startsWith(`${etc}/`) && targetOf(tree, path) !== null);
}

describe("what starts on hosts", () => {
  test("is said by presets, in place of the links that maintainer scripts made", () => {
    const { tree } = apply(presetUnits, {
      ...root,
      ...link("multi-user.target.wants/ssh.service", "ssh.service"),
      ...link("sshd.service", "ssh.service"),
      ...link("getty.target.wants/getty@tty1.service", "getty@.service"),
    });

    expect(linksIn(tree)).toEqual([]);
    expect(pathsOf(tree)).not.toContain(`${etc}/getty.target.wants`);
    expect(presetsOf(tree)).toEqual([
      "enable getty@.service",
      "enable ssh.service",
      "disable network.service",
      "disable ssh.socket",
      "disable wait.service",
    ]);
  });

  test("is what the definition enables and disables, too", () => {
    const { tree } = apply(
      presetUnits,
      {
        ...root,
        ...link("multi-user.target.wants/ssh.service", "ssh.service"),
        ...link("other.target.wants/ssh.service", "ssh.service"),
        ...link("getty.target.wants/getty@tty1.service", "getty@.service"),
      },
      { services: { enabled: ["ssh.socket", "getty@ttyS0"], disabled: ["sshd"], masked: [] } },
    );

    expect(linksIn(tree)).toEqual([]);
    expect(presetsOf(tree).slice(0, 2)).toEqual(["enable getty@.service tty1 ttyS0", "enable ssh.socket"]);
  });

  test("is not what the definition masks", () => {
    const { tree } = apply(
      presetUnits,
      { ...root, ...link("multi-user.target.wants/ssh.service", "ssh.service") },
      { services: { enabled: [], disabled: [], masked: ["ssh", "dev-sda.swap"] } },
    );

    expect(targetOf(tree, `${etc}/ssh.service`)).toBe("/dev/null");
    expect(targetOf(tree, `${etc}/dev-sda.swap`)).toBe("/dev/null");
    expect(presetsOf(tree).filter((line) => line.startsWith("enable"))).toEqual([]);
  });

  test("keeps what packages mask, and what the definition enables is masked no more", () => {
    const masked = {
      ...root,
      [`${etc}/ssh.socket`]: symlink("/dev/null"),
      [`${etc}/wait.service`]: symlink("/dev/null"),
    };
    const { tree } = apply(presetUnits, masked, { services: { enabled: [], disabled: [], masked: [] } });

    expect(linksIn(tree)).toEqual([`${etc}/ssh.socket`, `${etc}/wait.service`]);
    expect(presetsOf(tree).join()).not.toContain("ssh.socket");
  });

  test("keeps a link that no unit asks for", () => {
    const { tree } = apply(presetUnits, {
      ...root,
      ...link("multi-user.target.wants/static.service", "static.service"),
      ...link("default.target", "multi-user.target"),
    });

    expect(linksIn(tree)).toEqual([`${etc}/default.target`, `${etc}/multi-user.target.wants/static.service`]);
  });

  test("stays a link where a preset would start something else, too (Also=)", () => {
    const { tree } = apply(presetUnits, {
      ...root,
      ...link("multi-user.target.wants/network.service", "network.service"),
    });
    const both = apply(presetUnits, {
      ...root,
      ...link("multi-user.target.wants/network.service", "network.service"),
      ...link("online.target.wants/wait.service", "wait.service"),
    });

    expect(linksIn(tree)).toEqual([`${etc}/multi-user.target.wants/network.service`]);
    expect(presetsOf(tree)).toContain("disable network.service");
    expect(linksIn(both.tree)).toEqual([]);
    expect(presetsOf(both.tree)).toEqual(
      expect.arrayContaining(["enable network.service", "enable wait.service"]),
    );
  });

  test("has further names of a template with its usual instance, and by links with others", () => {
    const pieces = {
      ...root,
      [`${vendor}/getty@.service`]: unit(
        "WantedBy=getty.target\nAlias=autovt@.service\nDefaultInstance=tty1",
      ),
      ...link("getty.target.wants/getty@tty1.service", "getty@.service"),
      ...link("autovt@.service", "getty@.service"),
    };
    const usual = apply(presetUnits, pieces);
    const more = apply(presetUnits, pieces, {
      services: { enabled: ["getty@ttyS0"], disabled: [], masked: [] },
    });

    expect(linksIn(usual.tree)).toEqual([]);
    expect(presetsOf(usual.tree)).toContain("enable getty@.service");
    expect(linksIn(more.tree)).toEqual([
      `${etc}/autovt@.service`,
      `${etc}/getty.target.wants/getty@tty1.service`,
      `${etc}/getty.target.wants/getty@ttyS0.service`,
    ]);
    expect(presetsOf(more.tree)).toContain("disable getty@.service");
  });

  test("is linked in the image's own directory where other units require it", () => {
    const { tree, notes } = apply(presetUnits, {
      ...root,
      [`${vendor}/id.service`]: unit("RequiredBy=nfs.service"),
      ...link("nfs.service.requires/id.service", "id.service"),
    });

    expect(linksIn(tree)).toEqual([]);
    expect(targetOf(tree, `${vendor}/nfs.service.requires/id.service`)).toBe("../id.service");
    expect(presetsOf(tree)).toContain("disable id.service");
    expect(notes.map(({ action }) => action)).toContain("kept");
  });

  test("does not include units that systemd would link from elsewhere", () => {
    const { tree } = apply(presetUnits, {
      ...root,
      "usr/lib/dracut/modules.d/98dracut-systemd/dracut-mount.service": unit(null),
      [`${vendor}/dracut-mount.service`]: symlink(
        "../../dracut/modules.d/98dracut-systemd/dracut-mount.service",
      ),
    });

    expect(presetsOf(tree)).toContain("disable dracut-mount.service");
  });

  test("is started by scripts of System V as well: these can be masked", () => {
    const { tree } = apply(
      presetUnits,
      { ...root, "etc/init.d/old": "#!/bin/sh\n", "etc/init.d/ssh": "#!/bin/sh\n" },
      { services: { enabled: [], disabled: ["old", "ssh"], masked: [] } },
    );

    expect(linksIn(tree)).toEqual([`${etc}/old.service`]);
  });

  test.each([
    ["enabled", "shs", "unknown-unit", "Did you mean ssh.service?"],
    ["masked", "nothing-like-it", "unknown-unit", "add the package"],
    ["disabled", "ssh.sokcet", "unknown-unit", "Did you mean ssh.socket?"],
    ["enabled", "static", "unit-not-enableable", "multi-user.target.wants/static.service"],
    ["disabled", "static", "unit-not-enableable", "masked"],
  ] as const)("is refused when %s has %s", (list, word, code, hint) => {
    const services = { enabled: [], disabled: [], masked: [], [list]: [word] };
    const failure = failureOf(() => apply(presetUnits, root, { services }));

    expect(failure).toMatchObject({ code, fault: "usage" });
    expect(failure.hint).toContain(hint);
  });

  test("is refused of a template without an instance", () => {
    const pieces = { ...root, [`${vendor}/tunnel@.service`]: unit("WantedBy=multi-user.target") };
    const services = { enabled: ["tunnel@"], disabled: [], masked: [] };

    expect(failureOf(() => apply(presetUnits, pieces, { services })).hint).toBe(
      "Name an instance, such as tunnel@NAME.service.",
    );
  });
});

const hasSystemctl = !execaSync("systemctl", ["--version"], { reject: false }).failed;

describe.skipIf(!hasSystemctl)("systemctl, where the host has it", () => {
  const names = ["a", "b", "c", "d@"].map((name) => `${name}.service`);
  const install = fc.record({
    wantedBy: fc.subarray(["x.target", "y.target"]),
    alias: fc.boolean(),
    also: fc.option(fc.constantFrom("a.service", "b.service", "c.service"), { nil: null }),
  });
  const system = fc.record({
    installs: fc.array(fc.option(install, { nil: null }), { minLength: 4, maxLength: 4 }),
    enabled: fc.subarray(["a.service", "b.service", "c.service", "d@1.service", "d@2.service"]),
  });

  test("makes the same links of the presets as it made before", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(system, ({ installs, enabled }) => {
        const pieces = Object.fromEntries(
          names.map((name, at) => [`${vendor}/${name}`, unit(sectionOf(name, installs[at] ?? null))]),
        );
        withRoot(treeOf(pieces), (folder) => {
          for (const name of enabled)
            execaSync("systemctl", [`--root=${folder}`, "enable", name], { reject: false });
          const before = enablement(folder);
          const tree = treeOf({
            ...pieces,
            ...Object.fromEntries(before.map(([path, to]) => [`${etc}/${path}`, symlink(to)])),
          });
          withRoot(apply(presetUnits, tree).tree, (finished) => {
            execaSync("systemctl", [`--root=${finished}`, "--preset-mode=enable-only", "preset-all"]);
            expect(enablement(finished)).toEqual(before);
          });
        });
      }),
      { numRuns: 10 },
    );
  });
});

interface Install {
  readonly wantedBy: readonly string[];
  readonly alias: boolean;
  readonly also: string | null;
}

function sectionOf(name: string, install: Install | null): string | null {
  if (install === null) return null;
  const isTemplate = name.includes("@");
  return [
    ...install.wantedBy.map((target) => `WantedBy=${target}`),
    ...(install.alias && !isTemplate ? [`Alias=alias-${name}`] : []),
    ...(install.also === null || isTemplate ? [] : [`Also=${install.also}`]),
  ].join("\n");
}

/** Runs something with the tree's files and links in a directory. */
function withRoot(tree: Tree, use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "debkiln-test-"));
  try {
    for (const path of pathsOf(tree)) {
      const to = targetOf(tree, path);
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      if (to !== null) symlinkSync(to, join(folder, path));
      else if (tree.get(path)?.type === "file") writeFileSync(join(folder, path), textOf(tree, path) ?? "");
    }
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The links that enable units, and the names of what they lead to. */
function enablement(folder: string): [path: string, to: string][] {
  const directory = join(folder, etc);
  return entriesIn(directory)
    .map((path): [string, string] => [path, `/${vendor}/${basename(readlinkSync(join(directory, path)))}`])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function entriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  } catch {
    return [];
  }
}
