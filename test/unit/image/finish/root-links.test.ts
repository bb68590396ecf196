import { describe, expect, test } from "vitest";
import { linkRoot, pathBeforeLinks } from "../../../../src/image/finish/root-links.ts";
import { directory, file, symlink } from "../lint/root.ts";
import { apply, failureOf, pathsOf, targetOf, textOf } from "./finishing.ts";

const root = {
  home: directory(),
  root: directory({ mode: 0o700 }),
  "root/.bashrc": "PS1=",
  srv: directory(),
  mnt: directory(),
  "media/cdrom": directory(),
  opt: directory(),
  "usr/local/bin": directory({ mode: 0o2775, gid: 50 }),
  "usr/local/man": symlink("share/man"),
  var: directory(),
};

describe("the host's directories", () => {
  test("lead into /var, with what packages put there", () => {
    const { tree } = apply(linkRoot, root);
    const links = ["home", "root", "srv", "mnt", "media", "opt", "usr/local"];

    expect(links.map((path) => `${path} -> ${targetOf(tree, path)}`)).toEqual([
      "home -> var/home",
      "root -> var/roothome",
      "srv -> var/srv",
      "mnt -> var/mnt",
      "media -> run/media",
      "opt -> var/opt",
      "usr/local -> ../var/usrlocal",
    ]);
    expect(textOf(tree, "var/roothome/.bashrc")).toBe("PS1=");
    expect(tree.get("var/roothome")).toMatchObject({ mode: 0o700 });
    expect(tree.get("var/usrlocal/bin")).toMatchObject({ mode: 0o2775, gid: 50 });
    expect(targetOf(tree, "var/usrlocal/man")).toBe("share/man");
    expect(textOf(tree, "usr/lib/tmpfiles.d/debkiln-media.conf")).toBe("d /run/media 0755 root root -\n");
  });

  test("are made where packages lack them, and join what is in /var", () => {
    const { tree } = apply(linkRoot, { "var/home/x": "1", "home/y": "2", opt: directory() });

    expect(pathsOf(tree).filter((path) => path.startsWith("var/home"))).toEqual([
      "var/home",
      "var/home/x",
      "var/home/y",
    ]);
    expect(tree.get("var/srv")).toMatchObject({ type: "directory" });
  });

  test("may be mounted instead of linked", () => {
    const { tree } = apply(linkRoot, root, { home: "mounts" });

    expect(tree.get("home")).toMatchObject({ type: "directory" });
    expect(tree.get("root")).toMatchObject({ type: "directory", mode: 0o700 });
    expect(pathsOf(tree)).not.toContain("root/.bashrc");
    expect(textOf(tree, "usr/lib/systemd/system/root.mount")).toContain("What=/var/roothome\nWhere=/root\n");
    expect(textOf(tree, "usr/lib/systemd/system/root.mount")).toContain("DirectoryMode=0700");
    expect(targetOf(tree, "usr/lib/systemd/system/local-fs.target.wants/home.mount")).toBe("../home.mount");
  });

  test("do not include /opt and /usr/local when those are the image's", () => {
    const { tree } = apply(
      linkRoot,
      { ...root, "opt/vendor/program": file("", { mode: 0o755 }) },
      { local: "image" },
    );

    expect(pathsOf(tree)).toEqual(expect.arrayContaining(["opt/vendor/program", "usr/local/bin"]));
    expect(pathsOf(tree)).not.toContain("var/opt");
  });

  test("may be links already, but to there", () => {
    const { tree } = apply(linkRoot, { ...root, home: symlink("/var/home") });

    expect(targetOf(tree, "home")).toBe("var/home");
    expect(failureOf(() => apply(linkRoot, { ...root, home: symlink("data/home") }))).toMatchObject({
      code: "root-link-elsewhere",
      fault: "package",
    });
  });

  test("are known to packages by their usual names", () => {
    expect(pathBeforeLinks("var/roothome/.bashrc")).toBe("root/.bashrc");
    expect(pathBeforeLinks("var/usrlocal")).toBe("usr/local");
    expect(pathBeforeLinks("var/optics/x")).toBe("var/optics/x");
  });
});
