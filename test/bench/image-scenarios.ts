import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { parseLockFile } from "../../src/environment/lock-file.ts";
import { measure } from "./measure.ts";
import type { Bench, Row } from "./scenarios.ts";

const definition = fileURLToPath(new URL("../../images/server.toml", import.meta.url));

const Built = z.object({
  type: z.literal("result"),
  result: z.object({
    images: z.array(z.object({ layers: z.array(z.object({ digest: z.string(), size: z.int() })) })),
  }),
});

/**
 * Images of the server definition with a package of this machine: cold (packages fetched, nothing else), with nothing
 * changed, with a file of the definition changed, and with the package changed, which nothing else needs.
 */
export async function images(bench: Bench): Promise<Row[]> {
  bench.say("images");
  const directory = join(bench.engine.directory, "images");
  await mkdir(join(directory, "debs"), { recursive: true });
  const file = join(directory, "server.toml");
  const text = (await readFile(definition, "utf8")).replace("[debian]", '[debian]\ndebs = ["debs"]');
  await writeFile(file, text);
  await makeDeb(directory, "1");
  const lock = join(directory, "lock.json");
  await build(bench, directory, file, "--write-lock", lock);
  await forgetAllButPackages(bench, directory);

  const cold = await build(bench, directory, file);
  const rival = await mmdebstrapAndDracut(directory, lock);
  const again = await build(bench, directory, file);
  await writeFile(file, text.replace("PermitRootLogin prohibit-password", "PermitRootLogin no"));
  const config = await build(bench, directory, file);
  await makeDeb(directory, "2");
  const leaf = await build(bench, directory, file);
  const part = (what: string, seconds: number, share: number): Row => ({
    what,
    ours: seconds,
    rival: { name: "its cold build", figure: cold.seconds },
    unit: "s",
    goal: { kind: "at-least", value: share },
  });
  return [
    {
      what: "Image of the server definition, packages fetched",
      ours: cold.seconds,
      rival: { name: "mmdebstrap and dracut", figure: rival },
      unit: "s",
      goal: { kind: "at-most", value: 1.15 },
    },
    part("Image, nothing changed", again.seconds, 30),
    part("Image, a file of the definition changed", config.seconds, 10),
    part("Image, one leaf package changed", leaf.seconds, 4),
    sent("Layers that are new after a changed file", again.layers, config.layers, 1),
    sent("Layers that are new after a changed leaf package", config.layers, leaf.layers, 1.5),
    {
      what: "Peak memory of a cold image build",
      ours: cold.peakBytes / 1e6,
      rival: null,
      unit: "MB",
      goal: { kind: "at-most", value: 300 },
    },
  ];
}

type Layers = ReadonlyMap<string, number>;

async function build(bench: Bench, directory: string, file: string, ...words: string[]) {
  const { seconds, peakBytes, output } = await measure({
    argv: [
      bench.debkiln,
      "image",
      "build",
      file,
      "--json",
      "--output",
      `oci:${join(directory, "server.oci")}`,
      ...words,
    ],
    environment: bench.engine.environment,
  });
  const line = output.split("\n").find((each) => each.startsWith('{"type":"result"')) ?? "";
  const [image] = Built.parse(JSON.parse(line)).result.images;
  const layers: Layers = new Map(image?.layers.map(({ digest, size }) => [digest, size]));
  return { seconds, peakBytes, layers };
}

/** Leaves the blobs, the .debs among them, and nothing that tells what they are. */
async function forgetAllButPackages({ engine }: Bench, directory: string): Promise<void> {
  await rm(join(engine.environment["DEBKILN_CACHE_DIR"] ?? directory, "memo"), { recursive: true });
  await rm(join(directory, "server.oci"), { recursive: true });
  await removeImages(engine.podman);
}

/** The service may still be at a container of the command before; podman 4.3 then fails at the image that it is of. */
async function removeImages([podman, ...words]: Bench["engine"]["podman"], attempts = 5): Promise<void> {
  await execa(podman, [...words, "rm", "--all", "--force"], { reject: attempts === 1 });
  const { exitCode } = await execa(podman, [...words, "rmi", "--all", "--force"], { reject: attempts === 1 });
  if (exitCode !== 0) await removeImages([podman, ...words], attempts - 1);
}

/** The same packages by mmdebstrap with dracut masked, then the initramfs, as one would do it by hand. */
async function mmdebstrapAndDracut(directory: string, lockFile: string): Promise<number> {
  const { lock } = parseLockFile(await readFile(lockFile, "utf8"), lockFile);
  const names = lock.packages.map(({ name }) => name).filter((name) => name !== leaf);
  const mask =
    'printf "#!/bin/sh\\nexit 0\\n" >"$1/usr/local/sbin/dracut"; chmod 755 "$1/usr/local/sbin/dracut"';
  const dracut =
    'rm "$1/usr/local/sbin/dracut"; chroot "$1" sh -c \'dracut --force --quiet --no-hostonly --compress "zstd -3 -q -T1" /boot/initrd.img $(ls /usr/lib/modules)\'';
  const { seconds } = await measure({
    argv: [
      "mmdebstrap",
      "--variant=apt",
      `--include=${names.join(",")}`,
      "--dpkgopt=force-unsafe-io",
      "--dpkgopt=path-exclude=/usr/share/man/*",
      "--dpkgopt=path-exclude=/usr/share/doc/*",
      `--essential-hook=${mask}`,
      `--customize-hook=${dracut}`,
      "trixie",
      join(directory, "root.tar"),
    ],
    environment: { INITRD: "No" },
  });
  return seconds;
}

const leaf = "debkiln-bench-leaf";

async function makeDeb(directory: string, version: string): Promise<void> {
  const tree = join(directory, "leaf");
  await rm(tree, { recursive: true, force: true });
  await mkdir(join(tree, "DEBIAN"), { recursive: true });
  await mkdir(join(tree, "usr/share/debkiln-bench"), { recursive: true });
  await writeFile(join(tree, "usr/share/debkiln-bench/version"), `${version}\n`);
  const fields = [`Package: ${leaf}`, `Version: ${version}`, "Architecture: all"];
  const rest = ["Maintainer: debkiln <debkiln@localhost>", "Description: a leaf"];
  await writeFile(join(tree, "DEBIAN/control"), `${[...fields, ...rest].join("\n")}\n`);
  await execa("dpkg-deb", ["--build", "--root-owner-group", tree, join(directory, "debs", `${leaf}.deb`)]);
}

/** Bytes of layers that the image before had not, in MB. */
function sent(what: string, before: Layers, after: Layers, mostMegabytes: number): Row {
  const fresh = [...after].filter(([digest]) => !before.has(digest));
  const bytes = fresh.reduce((sum, [, size]) => sum + size, 0);
  return {
    what: `${what} (${fresh.length} of ${after.size})`,
    ours: bytes / 1e6,
    rival: null,
    unit: "MB",
    goal: { kind: "at-most", value: mostMegabytes },
  };
}
