import { mkdir, mkdtempDisposable, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { type BaseRecipe, buildRecipe } from "../../../src/environment/base-recipe.ts";
import { type BootstrapPlan, mmdebstrapArguments } from "../../../src/environment/bootstrap-plan.ts";
import { checkTarget } from "../../../src/environment/target.ts";

function argumentsFor(recipe: BaseRecipe): readonly string[] {
  const plan: BootstrapPlan = {
    target: checkTarget({ suite: "trixie", architecture: "amd64" }),
    recipe,
    suite: "trixie",
    repositories: null,
    key: null,
    epoch: null,
  };
  return mmdebstrapArguments(plan, { sources: "/tmp/sources" });
}

const imageRecipe: BaseRecipe = {
  purpose: "image",
  variant: "required",
  pathExcludes: ["/usr/share/man/*"],
  pathIncludes: ["/usr/share/man/man1/sudo*"],
  debconf: ["tzdata tzdata/Areas select Etc"],
};

test("a build's base has the buildd set and the user that builds", () => {
  const words = argumentsFor(buildRecipe);

  expect(words).toContain("--variant=apt");
  expect(words).toContain("--include=build-essential");
  expect(words).toContain("--aptopt=#clear DPkg::Pre-Install-Pkgs");
  expect(words.join("\n")).toContain("debkiln builder");
  expect(words.join("\n")).not.toContain("dracut");
});

test("an image's base has its variant and nothing for builds, leaves out paths and knows the answers", () => {
  const words = argumentsFor(imageRecipe);

  expect(words).toContain("--variant=required");
  expect(words.join("\n")).not.toContain("build-essential");
  expect(words.join("\n")).not.toContain("debkiln builder");
  expect(words.join("\n")).toContain(
    "\npath-exclude=/usr/share/man/*\npath-include=/usr/share/man/man1/sudo*\n",
  );
  expect(words.join("\n")).toContain(
    "debconf-set-selections <<'debkiln-answers'\ntzdata tzdata/Areas select Etc\n",
  );
  expect(words.join("\n")).toContain("/usr/local/sbin/dracut");
});

test("what mmdebstrap extracts of the paths to be left out goes before dpkg installs, and nothing else does", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "debkiln-excludes-"));
  const root = directory.path;
  const files = [
    "usr/share/man/man1/ls.1",
    "usr/share/man/man1/sudo.8",
    "usr/share/it's here/x y",
    "usr/share/keep/man",
  ];
  for (const each of [...files, "etc/dpkg/dpkg.cfg.d/other"]) {
    await mkdir(dirname(join(root, each)), { recursive: true });
    await writeFile(join(root, each), "");
  }
  const pathExcludes = [...imageRecipe.pathExcludes, "/usr/share/it's *"];

  for (const word of argumentsFor({ ...imageRecipe, pathExcludes })) {
    if (!word.startsWith("--extract-hook=")) continue;
    await execa("sh", ["-c", word.slice("--extract-hook=".length), "sh", root]);
  }

  const left = (await readdir(root, { recursive: true })).toSorted();
  expect(left.filter((path) => path.startsWith("usr/share/"))).toEqual([
    "usr/share/keep",
    "usr/share/keep/man",
    "usr/share/man",
  ]);
  expect(await readFile(join(root, "etc/dpkg/dpkg.cfg.d/debkiln"), "utf8")).toBe(
    "path-exclude=/usr/share/man/*\npath-exclude=/usr/share/it's *\npath-include=/usr/share/man/man1/sudo*\n",
  );
});
