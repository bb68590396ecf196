import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { type Repository, parseSourcesList } from "../debian/repository.ts";
import { suite } from "../debian/suite.ts";
import { bootstrapInContainer } from "./bootstrap-container.ts";
import { bootstrapFailure } from "./bootstrap-failure.ts";
import type { Kiln } from "./kiln.ts";
import type { Target } from "./target.ts";

/** Raised when the root filesystem that comes out changes, so that no older base is taken for a new one. */
export const recipeVersion = 1;

/** What a base is made of, decided before anything runs. */
export interface BootstrapPlan {
  readonly target: Target;
  /** The suite of the base: for backports and the like, the suite that they extend. */
  readonly suite: string;
  /** Null leaves the choice to the bootstrap tool. */
  readonly repositories: readonly Repository[] | null;
  /** Time stamp of the newest index, in seconds: the base's bytes depend on nothing newer. */
  readonly epoch: number | null;
}

/** A base that came out, before it is in an engine: `consumed` gives its digest once the tar has been read. */
export interface Bootstrapped {
  readonly digest: Digest;
  /** What the bootstrap tool chose, when the choice was its own. */
  readonly repositories: readonly Repository[];
}

/**
 * Makes the root filesystem of a base: Debian's buildd set and nothing more, signatures checked by apt, and hands its
 * tar to `consume`. Uses mmdebstrap (1) on this host if it is there, else in a container of a registry image.
 * @throws Failure bootstrap-failed and what `bootstrapFailure` tells apart.
 */
export async function bootstrap(
  kiln: Kiln,
  plan: BootstrapPlan,
  task: Task,
  consume: (tar: Readable) => Promise<void>,
): Promise<Bootstrapped> {
  const onHost = await hasMmdebstrap();
  task.note(onHost ? "with mmdebstrap on this host" : "with mmdebstrap in a container");
  const run = onHost ? bootstrapOnHost : bootstrapInContainer;
  const hash = createHash("sha256");
  let sources = "";
  await run(kiln, plan, task, {
    tar: async (tar) => {
      const through = new Transform({
        transform(chunk: Buffer, _, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      await Promise.all([pipeline(tar, through), consume(through)]);
    },
    sources: (text) => {
      sources = text;
    },
  });
  const repositories = plan.repositories ?? parseSourcesList(sources, "the bootstrap tool's sources.list");
  return { digest: `sha256:${hash.digest("hex")}`, repositories };
}

/** Where what comes out of mmdebstrap goes. */
export interface BootstrapOutput {
  readonly tar: (tar: Readable) => Promise<void>;
  /** The sources.list that mmdebstrap wrote. */
  readonly sources: (text: string) => void;
}

/** Where mmdebstrap finds and leaves files, on the host or in a container. */
export interface BootstrapPaths {
  /** Where its hook leaves the sources.list. */
  readonly sources: string;
  readonly keyring?: string | undefined;
  readonly caBundle?: string | undefined;
}

/** mmdebstrap's arguments for a plan. */
export function mmdebstrapArguments(kiln: Kiln, plan: BootstrapPlan, paths: BootstrapPaths): string[] {
  const { target } = plan;
  return [
    "--variant=buildd",
    "--format=tar",
    `--architectures=${target.architecture}`,
    `--components=${target.components.join(",")}`,
    ...(paths.keyring === undefined ? [] : [`--keyring=${paths.keyring}`]),
    ...aptOptions(kiln, target, paths).map((option) => `--aptopt=${option}`),
    ...customizeHooks(paths.sources).map((hook) => `--customize-hook=${hook}`),
    plan.suite,
    "-",
    ...(plan.repositories ?? []).flatMap(sourceLines),
  ];
}

async function hasMmdebstrap(): Promise<boolean> {
  const { exitCode } = await execa("mmdebstrap", ["--version"], { reject: false, stdin: "ignore" });
  return exitCode === 0;
}

async function bootstrapOnHost(kiln: Kiln, plan: BootstrapPlan, task: Task, output: BootstrapOutput): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-bootstrap-"));
  const sources = join(directory, "sources.list");
  const paths = { sources, keyring: plan.target.keyring, caBundle: kiln.network.caBundle };
  try {
    const child = execa("mmdebstrap", mmdebstrapArguments(kiln, plan, paths), {
      stdin: "ignore",
      buffer: { stdout: false },
      reject: false,
      cancelSignal: kiln.signal,
      forceKillAfterDelay: 1000,
      env: { LC_ALL: "C.UTF-8", ...(plan.epoch === null ? {} : { SOURCE_DATE_EPOCH: String(plan.epoch) }) },
      maxBuffer: 4 * 1024 * 1024,
    });
    child.stderr.on("data", (chunk: Buffer) => task.log(chunk.toString("utf8")));
    const [result] = await Promise.all([child, output.tar(child.stdout).catch((thrown: unknown) => { child.kill(); throw thrown; })]);
    kiln.signal.throwIfAborted();
    if (result.failed) throw bootstrapFailure(result.stderr, plan);
    output.sources(await readFile(sources, "utf8"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function aptOptions(kiln: Kiln, target: Target, { caBundle }: BootstrapPaths): string[] {
  const { proxy } = kiln.network;
  return [
    'Acquire::Languages "none"',
    'APT::Install-Recommends "false"',
    ...(target.check_valid_until ? [] : ['Acquire::Check-Valid-Until "false"']),
    ...(proxy === undefined ? [] : [`Acquire::http::Proxy "${proxy}"`, `Acquire::https::Proxy "${proxy}"`]),
    ...(caBundle === undefined ? [] : [`Acquire::https::CAInfo "${caBundle}"`]),
  ];
}

/**
 * What every base has beyond the buildd set, as files only: the unprivileged user `builder`, the build directory, no
 * service starts, and no trace of where it was made or from which mirror.
 */
function customizeHooks(sources: string): string[] {
  return [
    `cat "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*.list > '${sources}' 2>/dev/null || :`,
    'rm -f "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/hostname "$1"/etc/resolv.conf',
    `echo '${builder.name}:x:${builder.uid}:${builder.gid}:debkiln builder:${builder.home}:/bin/sh' >> "$1"/etc/passwd`,
    `echo '${builder.name}:!:19000::::::' >> "$1"/etc/shadow`,
    `echo '${builder.name}:x:${builder.gid}:' >> "$1"/etc/group`,
    `echo '${builder.name}:!::' >> "$1"/etc/gshadow`,
    `mkdir -p "$1"${buildDirectory} && chown ${builder.uid}:${builder.gid} "$1"${buildDirectory}`,
    'printf \'#!/bin/sh\\nexit 101\\n\' > "$1"/usr/sbin/policy-rc.d && chmod 755 "$1"/usr/sbin/policy-rc.d',
    'rm -rf "$1"/var/log/apt/* "$1"/var/log/dpkg.log "$1"/var/log/alternatives.log "$1"/var/log/bootstrap.log "$1"/var/cache/ldconfig/aux-cache "$1"/var/lib/dpkg/*-old "$1"/var/cache/debconf/*-old "$1"/etc/*-',
  ];
}

/** The user that builds, in every base. The home is one that does not exist, as on Debian's builders. */
export const builder = { name: "builder", uid: 1234, gid: 1234, home: "/sbuild-nonexistent" } as const;

/** Where sources are unpacked and built: the path that Debian's builders have used since 2022. */
export const buildDirectory = "/build/reproducible-path";

function sourceLines(repository: Repository): string[] {
  return repository.uris.flatMap((uri) =>
    repository.suites
      .filter((name) => isBaseSuite(name))
      .map((name) => `deb ${uri} ${name} ${repository.components.join(" ")}`),
  );
}

/** Overlays such as backports and experimental take part in resolution, never in a base. */
function isBaseSuite(name: string): boolean {
  const pocket = suite(name, { custom: true }).pocket;
  return pocket === null || pocket === "updates" || pocket === "security";
}

/** The suite that a base for this target is made of. */
export function baseSuiteOf(target: Target): string {
  return suite(target.suite, { custom: target.mirror !== undefined }).base;
}
