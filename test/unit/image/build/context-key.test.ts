import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { readInputs } from "../../../../src/image/blueprint/inputs.ts";
import { planImage } from "../../../../src/image/blueprint/plan.ts";
import { readBlueprint } from "../../../../src/image/blueprint/read.ts";
import { rootKey } from "../../../../src/image/build/open-system.ts";

/** A definition with a Containerfile step and a script, in a directory of its own. */
async function definition(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-context-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const context = join(directory, "files");
  await mkdir(join(context, "etc"), { recursive: true });
  await writeFile(join(directory, "Containerfile"), "COPY . /srv\n");
  await writeFile(join(directory, "run.sh"), "#!/bin/sh\n");
  await writeFile(join(context, "etc", "app.conf"), "one");
  await writeFile(join(context, "notes"), "left out");
  await writeFile(join(context, ".containerignore"), "notes\n");
  await symlink("etc/app.conf", join(context, "link"));
  await writeFile(join(directory, "image.toml"), toml);
  return directory;
}

const toml = `
name = "server"
[bootc]
backend = "ostree"
[[bootc.steps]]
script = "run.sh"
[[bootc.steps]]
containerfile = "Containerfile"
context = "files"
`;

async function keyIn(directory: string): Promise<string> {
  const read = await readBlueprint(join(directory, "image.toml"));
  const inputs = await readInputs(read, new AbortController().signal);
  const plan = planImage(read, inputs, { architecture: "amd64", fallback: {} });
  return rootKey({ key: digestOf("the packages") }, plan);
}

test.each<[string, (context: string) => Promise<void>]>([
  ["bytes", (context) => writeFile(join(context, "etc", "app.conf"), "two")],
  ["mode", (context) => chmod(join(context, "etc", "app.conf"), 0o755)],
  ["another file", (context) => writeFile(join(context, "etc", "more"), "")],
  ["a directory", (context) => mkdir(join(context, "empty"))],
  [
    "a link's target",
    async (context) => {
      await rm(join(context, "link"));
      await symlink("etc", join(context, "link"));
    },
  ],
  ["what is left out", (context) => writeFile(join(context, ".containerignore"), "")],
])("the context of a Containerfile step is in the key: %s", async (_, change) => {
  const directory = await definition();
  const before = await keyIn(directory);

  await change(join(directory, "files"));

  expect(await keyIn(directory)).not.toBe(before);
});

test("what the context leaves out is not in the key, nor are times", async () => {
  const directory = await definition();
  const before = await keyIn(directory);

  await writeFile(join(directory, "files", "notes"), "changed");
  await utimes(join(directory, "files", "etc", "app.conf"), 1, 1);

  expect(await keyIn(directory)).toBe(before);
});

test("the same definition has the same key in another directory", async () => {
  expect(await keyIn(await definition())).toBe(await keyIn(await definition()));
});
