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
  expect(words.indexOf("--dpkgopt=path-exclude=/usr/share/man/*")).toBeLessThan(
    words.indexOf("--dpkgopt=path-include=/usr/share/man/man1/sudo*"),
  );
  expect(words.join("\n")).toContain(
    "debconf-set-selections <<'debkiln-answers'\ntzdata tzdata/Areas select Etc\n",
  );
  expect(words.join("\n")).toContain("/usr/local/sbin/dracut");
});
