import { describe, expect, test } from "vitest";
import { boundImages } from "../../../../src/image/lint/debkiln/bound-images.ts";
import { installConfig } from "../../../../src/image/lint/debkiln/install-config.ts";
import { kargsArchitectures } from "../../../../src/image/lint/debkiln/kargs-architectures.ts";
import { says } from "./changed.ts";
import { symlink } from "./root.ts";

describe("install-config", () => {
  const path = "usr/lib/bootc/install/00-debkiln.toml";

  test("wants a file system for the root, in any file", async () => {
    const message = "No file in /usr/lib/bootc/install says which file system the root is to be";

    expect(await says(installConfig, { [path]: null })).toBe(message);
    expect(await says(installConfig, { [path]: '[install]\nkargs = ["a"]\n' })).toBe(message);
    expect(await says(installConfig, { [path]: '[install]\nroot-fs-type = "xfs"\n' })).toBeNull();
  });

  test("names files that are broken", async () => {
    expect(await says(installConfig, { [path]: "[install\n" })).toMatch(
      /^Found broken files in \/usr\/lib\/bootc\/install:\n {2}00-debkiln.toml/,
    );
    expect(await says(installConfig, { [path]: "install = 1\n" })).toMatch(/expected object/);
  });
});

test("kargs-architectures names Debian's names, and leaves broken files to bootc-kargs", async () => {
  const path = "usr/lib/bootc/kargs.d/20-x.toml";

  expect(
    await says(kargsArchitectures, {
      [path]: 'kargs = ["a"]\nmatch-architectures = ["amd64", "aarch64", "vax"]\n',
    }),
  ).toBe(
    "Found kernel arguments for architectures that bootc does not know:\n" +
      "  20-x.toml: amd64 (bootc's name is x86_64)\n  20-x.toml: vax\n",
  );
  expect(await says(kargsArchitectures, { [path]: "nonsense" })).toBeNull();
});

test("bound-images names what bootc could not pull", async () => {
  const bound = "usr/lib/bootc/bound-images.d";
  const units = "usr/share/containers/systemd";
  const change = {
    [`${units}/good.container`]: "[Container]\n Image = registry.example/good\n",
    [`${units}/none.image`]: "[Image]\n#Image=x\n",
    [`${units}/percent.image`]: "[Image]\nImage=registry.example/%i\n",
    [`${units}/other.volume`]: "[Volume]\nImage=registry.example/x\n",
    [`${bound}/good.container`]: symlink("/usr/share/containers/systemd/good.container"),
    [`${bound}/none.image`]: symlink(`../../../share/containers/systemd/none.image`),
    [`${bound}/percent.image`]: symlink("/usr/share/containers/systemd/percent.image"),
    [`${bound}/other.volume`]: symlink("/usr/share/containers/systemd/other.volume"),
    [`${bound}/broken.image`]: symlink("/nowhere"),
    [`${bound}/file.image`]: "[Image]\nImage=registry.example/x\n",
  };

  expect(await says(boundImages, change)).toBe(
    "Found bound images that bootc cannot use:\n" +
      "  broken.image: it leads to no file, /nowhere\n" +
      "  file.image: it is no link\n" +
      "  none.image: it has no Image=\n" +
      "  other.volume: it ends neither in .image nor in .container\n" +
      "  percent.image: its Image= has a specifier, registry.example/%i\n",
  );
});
