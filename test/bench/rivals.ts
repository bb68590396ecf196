import { access, chmod, cp, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { BenchEngine } from "./bench-engine.ts";
import { type Command, measure, median } from "./measure.ts";

/** What a Debian developer would use instead: sbuild in its unshare mode, on a tarball that is kept. */
export interface Sbuild {
  /** Seconds of one whole `sbuild` of a .dsc, from nothing but the tarball, as every one of its builds. */
  build(dsc: string, how: SbuildChoices): Promise<number>;
}

export interface SbuildChoices {
  /** sbuild runs lintian unless told otherwise (sbuild.conf(5), RUN_LINTIAN), and installs it for each build. */
  readonly lintian: "default" | "none";
  /** What earlier builds gave, by their names. */
  readonly packages?: readonly string[];
}

/** sbuild's user must be an ordinary one: when this is root, `user` is taken. */
export async function prepareSbuild(directory: string, user: string): Promise<Sbuild> {
  const home = join(directory, "sbuild");
  const tarball = join(home, "trixie-amd64.tar.zst");
  await mkdir(home, { recursive: true });
  await chmod(directory, 0o755);
  await chmod(home, 0o777);
  await execa("mmdebstrap", ["--variant=buildd", "--include=fakeroot", "trixie", tarball]);
  await chmod(tarball, 0o644);
  const run = async (dsc: string, words: readonly string[]) => {
    const sbuild = ["sbuild", "--dist=trixie", "--chroot-mode=unshare", `--chroot=${tarball}`, ...words];
    const { seconds } = await measure({ ...asUser([...sbuild, "--batch", dsc], user), directory: home });
    return seconds;
  };
  return {
    build: (dsc, { lintian, packages = [] }) =>
      run(dsc, [
        ...(lintian === "none" ? ["--no-run-lintian"] : []),
        ...packages.map((each) => `--extra-package=${join(home, each)}`),
      ]),
  };
}

/** The floor: dpkg-buildpackage by hand in a container that already runs and has everything. */
export async function bareBuild(engine: BenchEngine, image: string, dsc: string): Promise<number> {
  const [podman, ...words] = engine.podman;
  const { stdout: id } = await execa(podman, [
    ...words,
    "run",
    "-d",
    "--network",
    "none",
    image,
    "sleep",
    "infinity",
  ]);
  try {
    const directory = "/build/reproducible-path";
    await execa(podman, [...words, "cp", `${dirname(dsc)}/.`, `${id}:${directory}`]);
    const exec = [...words, "exec", "--user", "1234:1234", "--workdir", directory, id, "sh", "-c"] as const;
    await execa(podman, [...exec, `dpkg-source -x ${dsc.split("/").at(-1)} tree`]);
    const build = "cd tree && DEB_BUILD_OPTIONS=parallel=$(nproc) dpkg-buildpackage -us -uc -b";
    const { seconds } = await measure({ argv: [podman, ...exec, build] });
    return seconds;
  } finally {
    await execa(podman, [...words, "rm", "--force", "--time", "0", id]);
  }
}

/** What a container costs at least: the seconds of one of an image that does nothing. */
export async function emptyContainer({ podman, environment }: BenchEngine, image: string) {
  const argv = [...podman, "run", "--rm", image, "true"] as const;
  const figure = await median(5, async () => (await measure({ argv, environment })).seconds);
  return { name: "podman run --rm IMAGE true", figure };
}

/** The source that debkiln fetched, copied where any user can read it. Gives the .dsc's path. */
export async function keepSource(engine: BenchEngine, name: string): Promise<string> {
  const sources = join(engine.directory, "cache", "sources");
  for (const entry of await readdir(sources)) {
    const dsc = (await readdir(join(sources, entry))).find(
      (file) => file.startsWith(`${name.split("=")[0]}_`) && file.endsWith(".dsc"),
    );
    if (dsc === undefined) continue;
    const kept = join(engine.directory, "sources", name);
    await cp(join(sources, entry), kept, { recursive: true });
    return join(kept, dsc);
  }
  throw new Error(`the source of ${name} was not fetched`);
}

function asUser(argv: readonly string[], user: string): Command {
  const [command = "", ...rest] = argv;
  return process.getuid?.() === 0
    ? { argv: ["runuser", "-u", user, "--", command, ...rest] }
    : { argv: [command, ...rest] };
}

/** Whether a program is there. */
export async function hasProgram(name: string): Promise<boolean> {
  for (const directory of (process.env["PATH"] ?? "").split(":")) {
    if (
      await access(join(directory, name)).then(
        () => true,
        () => false,
      )
    )
      return true;
  }
  return false;
}
