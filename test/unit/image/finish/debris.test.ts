import { describe, expect, test } from "vitest";
import { readDatedBytecode } from "../../../../src/image/finish/bytecode.ts";
import { dropDebris } from "../../../../src/image/finish/debris.ts";
import { directory, file, special, treeOf } from "../lint/root.ts";
import { apply, failureOf, pathsOf } from "./finishing.ts";

describe("what installation leaves behind", () => {
  test("goes, with its reason", () => {
    const { tree, notes } = apply(dropDebris, {
      "etc/passwd-": "",
      "etc/passwd": "",
      "etc/.pwd.lock": "",
      "etc/xml/catalog.old": "",
      "etc/x.dpkg-new": "",
      "usr/share/info/dir.old": "",
      "usr/share/doc-": directory(),
    });

    expect(pathsOf(tree)).toEqual([
      "etc",
      "etc/passwd",
      "etc/xml",
      "usr",
      "usr/share",
      "usr/share/doc-",
      "usr/share/info",
    ]);
    expect(notes.map(({ reason }) => reason)).toContain("backups of the account files");
  });

  test("includes the policy against starting services, but for one that says more", () => {
    const ours = apply(dropDebris, { "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n" });
    const own = apply(dropDebris, { "usr/sbin/policy-rc.d": '#!/bin/sh\n[ "$1" = ssh ] || exit 101\n' });

    expect(pathsOf(ours.tree)).toEqual(["usr", "usr/sbin"]);
    expect(pathsOf(own.tree)).toContain("usr/sbin/policy-rc.d");
  });

  test("includes what no image can hold", () => {
    const { tree } = apply(dropDebris, {
      "usr/lib/x/device": special("block-device"),
      "etc/pipe": special("fifo"),
      "etc/socket": special("socket"),
    });

    expect(pathsOf(tree)).toEqual(["etc", "usr", "usr/lib", "usr/lib/x"]);
  });

  test("cannot have the name of a removal", () => {
    expect(failureOf(() => apply(dropDebris, { "usr/share/.wh.x": "" }))).toMatchObject({
      code: "whiteout-name",
      fault: "package",
    });
  });
});

/** A compiled file with these flags. */
const compiled = (flags: number) =>
  file(Buffer.from([0xf3, 0x0d, 0x0d, 0x0a, flags, 0, 0, 0, ...Array<number>(20).fill(7)]));

describe("compiled Python", () => {
  test("stays if it is valid by its source's hash, not by its time (PEP 552)", async () => {
    const pieces = {
      "usr/lib/python3/__pycache__/dated.pyc": compiled(0),
      "usr/lib/python3/__pycache__/checked.pyc": compiled(3),
      "usr/lib/python3/__pycache__/unchecked.pyc": compiled(1),
      "usr/lib/python3/__pycache__/cut.pyc": "x",
      "usr/lib/python3/shipped.pyc": compiled(0),
    };
    const datedBytecode = await readDatedBytecode(treeOf(pieces));
    const { tree } = apply(dropDebris, pieces, {}, { datedBytecode });

    expect(pathsOf(tree).filter((path) => path.endsWith(".pyc"))).toEqual([
      "usr/lib/python3/__pycache__/checked.pyc",
      "usr/lib/python3/__pycache__/unchecked.pyc",
      "usr/lib/python3/shipped.pyc",
    ]);
  });
});
