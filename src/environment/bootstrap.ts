import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Digester } from "../base/digester.ts";
import { asError } from "../base/as-error.ts";
import type { Digest } from "../base/digest.ts";
import { type Task, throwIfAborted } from "../base/event.ts";
import { ownedDirectory } from "../base/owned-directory.ts";
import { loadExeca } from "../base/load-execa.ts";
import { guardedCommand } from "../base/guarded-command.ts";
import { type Repository, parseSourcesList } from "../debian/repository.ts";
import { type BootstrapRun, bootstrapInContainer } from "./bootstrap-container.ts";
import { bootstrapDirectory } from "./bootstrap-directory.ts";
import { bootstrapFailure } from "./bootstrap-failure.ts";
import {
  type BootstrapOutput,
  type BootstrapPlan,
  bootstrapKeys,
  mmdebstrapArguments,
} from "./bootstrap-plan.ts";
import { inPhases } from "./bootstrap-phases.ts";
import type { Kiln } from "./kiln.ts";
import { authorities } from "./resolver-files.ts";

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
  const digester = new Digester();
  let sources = "";
  const output: BootstrapOutput = {
    tar: async (tar) => {
      const through = digester.stream();
      const consumed = consume(through).catch((thrown: unknown) => {
        // Whoever writes must not wait for a reader that has gone.
        through.destroy(asError(thrown));
        throw thrown;
      });
      await Promise.all([consumed, pipeline(tar, through)]);
    },
    sources: (text) => {
      sources = text;
    },
  };
  await inPhases(task, (said) => run(kiln, plan, { task, said, output }));
  const repositories = plan.repositories ?? parseSourcesList(sources, "the bootstrap tool's sources.list");
  return { digest: digester.digest, repositories };
}

async function hasMmdebstrap(): Promise<boolean> {
  const execa = await loadExeca();
  const { exitCode } = await execa("mmdebstrap", ["--version"], { reject: false, stdin: "ignore" });
  return exitCode === 0;
}

async function bootstrapOnHost(
  kiln: Kiln,
  plan: BootstrapPlan,
  { said, output }: BootstrapRun,
): Promise<void> {
  const parent = await bootstrapDirectory();
  await using own = await ownedDirectory(parent, "debkiln-bootstrap-");
  const directory = own.path;
  const sources = join(directory, "sources.list");
  const paths = { sources, ...(await putFiles(kiln, plan, directory)) };
  const proxies = await kiln.network.proxies();
  const execa = await loadExeca();
  // mmdebstrap's first process ignores signals, and waits for ever for a child that nobody reads from.
  const [shell, ...words] = guardedCommand(["mmdebstrap", ...mmdebstrapArguments(plan, paths)]);
  const child = execa(shell, words, {
    stdin: "pipe",
    detached: true,
    buffer: { stdout: false },
    reject: false,
    env: {
      ...proxies,
      LC_ALL: "C.UTF-8",
      TMPDIR: parent,
      ...(plan.epoch === null ? {} : { SOURCE_DATE_EPOCH: String(plan.epoch) }),
    },
    maxBuffer: 4 * 1024 * 1024,
  });
  const stop = () => child.stdin.destroy();
  kiln.signal.addEventListener("abort", stop, { once: true });
  child.stderr.on("data", (chunk: Buffer) => void said.write(chunk));
  const [result, taken] = await Promise.all([
    child,
    output.tar(child.stdout).then(
      () => null,
      (thrown: unknown) => {
        const early = !child.stdout.readableEnded;
        if (early) stop();
        return { thrown, early };
      },
    ),
  ]);
  kiln.signal.removeEventListener("abort", stop);
  throwIfAborted(kiln.signal);
  if (taken?.early === true) throw taken.thrown;
  // A tar that ended too soon is a consequence when mmdebstrap failed.
  if (result.failed) throw bootstrapFailure(result.stderr, plan);
  if (taken !== null) throw taken.thrown;
  output.sources(await readFile(sources, "utf8"));
}

/** Keys and authorities as files that root in an unprivileged user's namespace can read too: to it, this user is another. */
async function putFiles(
  kiln: Kiln,
  plan: BootstrapPlan,
  directory: string,
): Promise<{ keyring?: string; caBundle?: string }> {
  await chmod(directory, 0o755);
  const keys = bootstrapKeys(plan);
  const keyring = join(directory, "keyring");
  await mkdir(keyring);
  for (const [name, key] of keys) await writeFile(join(keyring, name), key);
  const caBundle = join(directory, "ca.crt");
  if (kiln.network.caBundle !== undefined) await writeFile(caBundle, await authorities(kiln));
  return {
    ...(keys.size === 0 ? {} : { keyring }),
    ...(kiln.network.caBundle === undefined ? {} : { caBundle }),
  };
}
