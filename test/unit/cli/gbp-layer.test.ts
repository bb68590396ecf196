import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gbpLayer } from "../../../src/cli/gbp-layer.ts";
import { readSettings } from "../../../src/cli/read-settings.ts";

describe("git-buildpackage's builder", () => {
  let parent = "";
  let tree = "";
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "gbp-"));
    tree = join(parent, "tree");
    await mkdir(tree);
  });
  afterEach(() => rm(parent, { recursive: true }));

  test("leaves its results beside the tree, whatever files of settings say, but not what a flag says", async () => {
    const home = { HOME: parent, GBP_BUILD_DIR: tree };

    const plain = await readSettings({}, tree, home);
    const told = await readSettings({ output: "elsewhere", flat: false }, tree, home);

    expect(plain.values).toMatchObject({ output: "..", flat: true });
    expect(plain.settings).toContainEqual(expect.objectContaining({ key: "flat", origin: "GBP_BUILD_DIR" }));
    expect(told.values).toMatchObject({ output: "elsewhere", flat: false });
  });

  test("is known by its directory, however that is reached", async () => {
    const link = join(parent, "link");
    await symlink(tree, link);

    expect(await gbpLayer({ GBP_BUILD_DIR: link }, tree)).not.toBeNull();
    expect(await gbpLayer({ GBP_BUILD_DIR: parent }, tree)).toBeNull();
    expect(await gbpLayer({ GBP_BUILD_DIR: join(parent, "gone") }, tree)).toBeNull();
  });

  test.for([["GBP_GIT_DIR"], ["GBP_CHANGES_FILE"]])(
    "is none of its hooks, which have %s",
    async ([name = ""]) => {
      expect(await gbpLayer({ GBP_BUILD_DIR: tree, [name]: "there" }, tree)).toBeNull();
    },
  );
});
