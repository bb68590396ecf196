import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { beforeAll, describe, expect, test } from "vitest";
import { engines } from "../../engine/engines.ts";
import { mainEngine } from "../engine.ts";
import { openKiln } from "../kiln.ts";
import { bootImage } from "./boot.ts";
import { takeImage } from "./take-image.ts";
import { kilnFor, registryFor } from "../opened.ts";

const server = shipped("server");

function shipped(name: string): string {
  return fileURLToPath(new URL(`../../../images/${name}.toml`, import.meta.url));
}

const Shown = z.object({
  digest: z.string(),
  images: z.tuple([
    z.object({
      outcome: z.string(),
      packages: z.int(),
      layers: z.array(z.object({ digest: z.string() })),
    }),
  ]),
  pushed: z.object({ blobs: z.int(), bytes: z.int() }).nullable(),
});
type Shown = z.infer<typeof Shown>;

const Inspected = z.object({ Digest: z.string(), Labels: z.record(z.string(), z.string()) });

const Result = z.object({ type: z.literal("result"), result: Shown });

/** The result among the lines of `--json`. */
function shown(stdout: string): Shown {
  const results = stdout
    .split("\n")
    .flatMap((line) => Result.safeParse(line === "" ? null : JSON.parse(line)).data ?? []);
  return z.tuple([Result]).parse(results)[0].result;
}

describe("debkiln image build", () => {
  const kiln = kilnFor("all tests", mainEngine);
  const registry = registryFor("all tests");
  let first: Shown;
  const build = async (file: string, ...words: string[]): Promise<Shown> => {
    const { exitCode, stdout } = await kiln.run("image", "build", file, "--json", ...words);
    expect({ exitCode, end: exitCode === 0 ? "" : stdout.slice(-2000) }).toEqual({ exitCode: 0, end: "" });
    return shown(stdout);
  };

  beforeAll(async () => {
    first = await build(server, "--push", `${registry.host}/server:trixie`, "--tls-verify=false");
  }, 900_000);

  test("pushes the image that skopeo sees in the registry", async () => {
    const { stdout } = await execa("skopeo", [
      "inspect",
      "--tls-verify=false",
      `docker://${registry.host}/server:trixie`,
    ]);
    const seen = Inspected.parse(JSON.parse(stdout));

    expect(seen.Digest).toBe(first.digest);
    expect(seen.Labels).toMatchObject({ "containers.bootc": "1", "ostree.bootable": "1" });
  });

  test("makes nothing again when nothing changed", async () => {
    const again = await build(server, "--push", `${registry.host}/server:trixie`, "--tls-verify=false");

    expect(again.digest).toBe(first.digest);
    expect(again.images[0].outcome).toBe("unchanged");
    expect(again.pushed?.blobs).toBe(0);
  });

  test("sends little when a file of the definition changed", async () => {
    const changed = join(kiln.directory, "changed.toml");
    const text = await readFile(server, "utf8");
    await writeFile(changed, text.replace("PermitRootLogin prohibit-password", "PermitRootLogin no"));

    const next = await build(changed, "--push", `${registry.host}/server:trixie`, "--tls-verify=false");

    const before = new Set(first.images[0].layers.map(({ digest }) => digest));
    expect(next.images[0].layers.filter(({ digest }) => !before.has(digest))).toHaveLength(1);
    expect(next.pushed?.bytes).toBeLessThan(1_000_000);
  });

  test("lints its own images without a complaint", async () => {
    const { exitCode, stdout } = await kiln.run("image", "lint", "server.oci", "--fatal-warnings");

    expect(stdout).toMatch(/^Checks passed: \d+$/m);
    expect(stdout).not.toMatch(/^(Failed lint|Lint warning)/m);
    expect(exitCode).toBe(0);
  });

  test("makes images that run as containers, with their package database", async () => {
    await using image = await takeImage(join(kiln.directory, "server.oci"));

    const installed = await image.inside("dpkg-query", "--show");

    expect(installed.split("\n")).toHaveLength(first.images[0].packages);
  });

  test("makes the same image on another engine, with another cache", async () => {
    const others = engines.filter(({ name }) => name !== mainEngine.name);
    const other = others.find(({ name }) => name === "docker") ?? others[0];
    if (other === undefined) throw new Error("there is no second engine to try");
    await using elsewhere = await openKiln(other, { cache: "own" });

    const { exitCode, stdout } = await elsewhere.run("image", "build", server, "--json");
    const checked = await elsewhere.run("image", "check", "--resolve", "--arch", "amd64", server);

    expect({ exitCode, end: exitCode === 0 ? "" : stdout.slice(-2000) }).toEqual({ exitCode: 0, end: "" });
    expect(shown(stdout).digest).toBe(first.digest);
    expect(checked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("openssh-server") });
  });

  test("makes an image that boots to multi-user with no failed unit", async () => {
    const report = await bootImage(join(kiln.directory, "server.oci"));

    expect(report).toMatchObject({
      usr: "read-only",
      etc: "writable",
      packages: first.images[0].packages,
      failedUnits: [],
    });
  });

  // An installation and a boot without KVM: where much else runs, minutes become many. trixie's libostree has no composefs.
  test("makes an image of forky that boots on composefs", { timeout: 1_200_000 }, async () => {
    const forky = ["--dist", "forky", "--backend", "composefs", "--no-check-valid-until"];
    const built = await build(shipped("minimal"), ...forky, "--output", "oci:forky.oci");
    const report = await bootImage(join(kiln.directory, "forky.oci"));

    expect(report).toMatchObject({ usr: "read-only", packages: built.images[0].packages, failedUnits: [] });
    expect(report.root).toMatch(/overlay ro,/);
  });
});
