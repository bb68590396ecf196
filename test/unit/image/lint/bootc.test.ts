import { describe, expect, test } from "vitest";
import { apiBaseDirectories } from "../../../../src/image/lint/bootc/api-base-directories.ts";
import { baseImageComposefs } from "../../../../src/image/lint/bootc/baseimage-composefs.ts";
import { baseImageRoot } from "../../../../src/image/lint/bootc/baseimage-root.ts";
import { bootcKargs } from "../../../../src/image/lint/bootc/bootc-kargs.ts";
import { buildahInjected } from "../../../../src/image/lint/bootc/buildah-injected.ts";
import { etcUsrEtc } from "../../../../src/image/lint/bootc/etc-usretc.ts";
import { kernel } from "../../../../src/image/lint/bootc/kernel.ts";
import { nonemptyBoot } from "../../../../src/image/lint/bootc/nonempty-boot.ts";
import { nonemptyRunTmp } from "../../../../src/image/lint/bootc/nonempty-run-tmp.ts";
import { utf8 } from "../../../../src/image/lint/bootc/utf8.ts";
import { varLog } from "../../../../src/image/lint/bootc/var-log.ts";
import { varRun } from "../../../../src/image/lint/bootc/var-run.ts";
import { lints } from "../../../../src/image/lint/lints.ts";
import { textOf, textWith } from "./check.ts";
import { directory, file, hardLink, passingRoot, special, symlink, without } from "./root.ts";

test.each(lints.filter(({ origin }) => origin === "bootc"))(
  "the lint $name passes bootc's own fixture",
  async (lint) => {
    expect(await textOf(lint, passingRoot)).toBeNull();
  },
);

describe("api-base-directories", () => {
  test("names the first that is missing", async () => {
    const text = await textOf(apiBaseDirectories, without(without(passingRoot, "var"), "sys"));

    expect(text).toBe("Missing API filesystem base directory: /sys");
  });

  test.each([
    ["a file", "a file for var"],
    ["a link to a directory", symlink("usr")],
  ])("refuses %s in place of one", async (_, piece) => {
    const text = await textWith(apiBaseDirectories, { var: piece });

    expect(text).toBe("Expected directory for API filesystem base directory: /var");
  });
});

describe("baseimage-root", () => {
  test.each([
    [{ sysroot: null }, "Missing /sysroot"],
    [{ sysroot: "a file" }, "Expected a directory for /sysroot"],
    [{ ostree: null }, "Missing ostree -> sysroot/ostree link"],
    [{ ostree: directory() }, "/ostree should be a symlink"],
    [{ ostree: symlink("/sysroot/ostree") }, 'Expected /ostree -> sysroot/ostree, not "/sysroot/ostree"'],
    [{ ostree: symlink("a\udcff\n") }, String.raw`Expected /ostree -> sysroot/ostree, not "a\xFF\n"`],
  ])("refuses %o", async (change, expected) => {
    const [[path, piece] = ["", null]] = Object.entries(change);
    const pieces = piece === null ? without(passingRoot, path) : { ...passingRoot, [path]: piece };

    expect(await textOf(baseImageRoot, pieces)).toBe(expected);
  });

  test("checks the reference that the image carries, too", async () => {
    const reference = "usr/share/doc/bootc/baseimage/base";

    expect(await textWith(baseImageRoot, { [`${reference}/sysroot`]: directory() })).toBe(
      "Missing ostree -> sysroot/ostree link",
    );
    expect(
      await textWith(baseImageRoot, {
        [`${reference}/sysroot`]: directory(),
        [`${reference}/ostree`]: symlink("sysroot/ostree"),
      }),
    ).toBeNull();
  });
});

describe("baseimage-composefs", () => {
  const conf = "usr/lib/ostree/prepare-root.conf";
  const off = "ostree/prepare-root.conf does not have composefs enabled";

  test("wants a configuration", async () => {
    const text = await textOf(baseImageComposefs, without(passingRoot, conf));

    expect(text).toBe("ostree/prepare-root.conf is not present to enable composefs");
  });

  test.each(["yes", "true", "1", "maybe", "signed", "verity"])("takes composefs.enabled=%s", async (word) => {
    expect(await textWith(baseImageComposefs, { [conf]: `[composefs]\nenabled=${word}\n` })).toBeNull();
  });

  test.each(["no", "false", "0", "", "True", "junk", "yes "])(
    "counts composefs.enabled=%o as off",
    async (word) => {
      expect(await textWith(baseImageComposefs, { [conf]: `[composefs]\nenabled=${word}\n` })).toBe(off);
    },
  );

  test("takes a transient root, but not one that is transient and read-only", async () => {
    expect(await textWith(baseImageComposefs, { [conf]: "[root]\ntransient=true\n" })).toBeNull();
    expect(await textWith(baseImageComposefs, { [conf]: "[root]\ntransient-ro=true\n" })).toBe(off);
  });

  test("reads the file in /etc alone when there is one", async () => {
    expect(
      await textWith(baseImageComposefs, { "etc/ostree/prepare-root.conf": "[etc]\ntransient=true\n" }),
    ).toBe(off);
  });

  test.each(["enabled=yes\n", "[composefs\nenabled=yes\n", "[composefs]\nenabled\n"])(
    "cannot tell of what is no key file, %o",
    async (text) => {
      await expect(textWith(baseImageComposefs, { [conf]: text })).rejects.toThrow(`Parsing ${conf}`);
    },
  );

  test("cannot tell of a boolean that is none", async () => {
    const promise = textWith(baseImageComposefs, { [conf]: "[root]\ntransient=yes\n" });

    await expect(promise).rejects.toThrow("Value “yes” cannot be interpreted as a boolean.");
  });
});

describe("bootc-kargs", () => {
  const path = "usr/lib/bootc/kargs.d/10-console.toml";

  test.each([
    'kargs = ["console=tty0", "nosmt"]',
    'kargs = []\nmatch-architectures = ["x86_64"]',
    '# a comment\nkargs = [\n  "a",\n]\n',
  ])("takes %o", async (text) => {
    expect(await textWith(bootcKargs, { [path]: text })).toBeNull();
  });

  test.each([
    'kargs = ["a"]\nfoo = "bar"',
    'kargs = "a"',
    "kargs = [1]",
    'kargs = ["a"]\nmatch_architectures = ["x86_64"]',
    'kargs = ["a"]\nmatch-architectures = "x86_64"',
    'match-architectures = ["x86_64"]',
    "",
    "kargs = [",
  ])("cannot go on after %o", async (text) => {
    await expect(textWith(bootcKargs, { [path]: text })).rejects.toThrow("Parsing 10-console.toml");
  });

  test("looks at *.toml only", async () => {
    expect(await textWith(bootcKargs, { "usr/lib/bootc/kargs.d/README": "garbage" })).toBeNull();
  });

  test("cannot go on when kargs.d is no directory, or a file is not UTF-8", async () => {
    await expect(textWith(bootcKargs, { "usr/lib/bootc/kargs.d": "not a directory" })).rejects.toThrow(
      "Not a directory",
    );
    await expect(textWith(bootcKargs, { [path]: Buffer.from([0xff]) })).rejects.toThrow("not UTF-8");
  });
});

describe("buildah-injected", () => {
  test.each(["etc/hostname", "etc/resolv.conf"])("refuses an empty /%s", async (path) => {
    expect(await textWith(buildahInjected, { [path]: "" })).toBe(
      `/${path} is an empty file; this may have been synthesized by a container runtime.`,
    );
  });

  test.each([
    ["a name", "some static hostname"],
    ["a link", symlink("../run/hostname")],
  ])("takes %s", async (_, piece) => {
    expect(await textWith(buildahInjected, { "etc/hostname": piece })).toBeNull();
  });
});

describe("etc-usretc", () => {
  test("refuses /usr/etc beside /etc, and takes it alone", async () => {
    expect(await textWith(etcUsrEtc, { etc: directory(), "usr/etc": directory() })).toMatch(
      /^Found \/usr\/etc/,
    );
    expect(await textWith(etcUsrEtc, { "usr/etc": directory() })).toBeNull();
    expect(await textWith(etcUsrEtc, { etc: directory() })).toBeNull();
  });
});

describe("kernel", () => {
  test("cannot go on with two kernels", async () => {
    const promise = textWith(kernel, { "usr/lib/modules/6.3.1/vmlinuz": "new vmlinuz" });

    await expect(promise).rejects.toThrow("Found multiple subdirectories in usr/lib/modules");
  });

  test("counts neither links nor directories without a kernel, and does not mind that there is none", async () => {
    const others = {
      "usr/lib/modules/current": symlink("5.7.2"),
      "usr/lib/modules/6.3.1/extra.ko": "module",
      "usr/lib/modules/6.4/vmlinuz": symlink("nowhere"),
    };

    expect(await textWith(kernel, others)).toBeNull();
    expect(await textOf(kernel, {})).toBeNull();
  });
});

describe("nonempty-boot", () => {
  test("wants the directory", async () => {
    expect(await textOf(nonemptyBoot, without(passingRoot, "boot"))).toBe("Missing /boot directory");
  });

  test("lists what is in it, but not EFI", async () => {
    const pieces = { "boot/EFI/Linux/foo.efi": "uki", "boot/vmlinuz-6.1": "kernel", "boot/grub/a b": "" };

    expect(await textWith(nonemptyBoot, { "boot/EFI/Linux/foo.efi": "uki" })).toBeNull();
    expect(await textWith(nonemptyBoot, pieces)).toBe("Found non-empty /boot:\n  grub\n  vmlinuz-6.1\n");
    expect(await textWith(nonemptyBoot, { "boot/a b": "" })).toBe("Found non-empty /boot:\n  'a b'\n");
  });
});

describe("nonempty-run-tmp", () => {
  test("does not mind what engines leave of resolv.conf", async () => {
    expect(await textWith(nonemptyRunTmp, { "run/systemd/resolve": directory() })).toBeNull();
    expect(await textWith(nonemptyRunTmp, { "run/systemd/resolve/stub-resolv.conf": "" })).toBeNull();
  });

  test("minds it once there is more", async () => {
    const pieces = {
      "run/systemd/resolve/stub-resolv.conf": "",
      "run/systemd/notify": special("socket"),
      "tmp/x": "",
    };

    expect(await textWith(nonemptyRunTmp, pieces)).toBe(
      "Found content in runtime-only directories (/run, /tmp):\n  /run/systemd\n  /run/systemd/notify\n  /tmp/x\n",
    );
  });
});

describe("utf8", () => {
  test("does not mind links to nowhere, in circles and out of the root", async () => {
    const pieces = {
      subdir: directory(),
      self: symlink("self"),
      "subdir/parent": symlink(".."),
      broken: symlink("does-not-exist"),
      escape: symlink("../../x"),
      "späß/漢": "",
    };

    expect(await textOf(utf8, pieces)).toBeNull();
  });

  test.each([
    [{ "subdir/2/bad\udcffdir": directory() }, String.raw`/subdir/2: Found non-utf8 filename "bad\xFFdir"`],
    [{ "regular\udcff": "Hello" }, String.raw`/: Found non-utf8 filename "regular\xFF"`],
    [{ "subdir/good-name": symlink("regular\udcff") }, "/subdir/good-name: Found non-utf8 symlink target"],
    [{ "a\udcff": symlink("a\udcff") }, String.raw`/: Found non-utf8 filename "a\xFF"`],
    [{ a: "", "b\udce9": "", "c\udcff": "" }, String.raw`/: Found non-utf8 filename "b\xE9"`],
  ])("stops at the first of %o", async (pieces, expected) => {
    expect(await textOf(utf8, pieces)).toBe(expected);
  });
});

describe("var-log", () => {
  test("lists files that have something in them, a directory's after the directory's name", async () => {
    const pieces = {
      "var/log/README": symlink("../../usr/share/doc/systemd/README.logs"),
      "var/log/empty": "",
      "var/log/apt.log": "log",
      "var/log/apt/history.log": "log",
      "var/log/link": hardLink("var/log/apt.log"),
      "var/log/journal": directory(),
    };

    expect(await textWith(varLog, { "var/log/empty": "" })).toBeNull();
    expect(await textWith(varLog, pieces)).toBe(
      "Found non-empty logfiles:\n  /var/log/apt/history.log\n  /var/log/apt.log\n  /var/log/link\n",
    );
  });
});

describe("var-run", () => {
  test("takes a link only, wherever it leads", async () => {
    expect(await textWith(varRun, { "var/run": symlink("/run") })).toBeNull();
    expect(await textWith(varRun, { "var/run": symlink("nowhere") })).toBeNull();
    expect(await textWith(varRun, { "var/run/foo": directory() })).toBe("Not a symlink: var/run");
    expect(await textWith(varRun, { "var/run": file("") })).toBe("Not a symlink: var/run");
  });
});
