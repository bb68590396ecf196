import type { Task } from "../base/event.ts";
import { asFailure } from "../base/failure.ts";
import type { Container, MountedVolume } from "../engine/engine.ts";
import { builder } from "../environment/builder.ts";
import { type Captured, capture } from "../environment/capture.ts";
import type { Kiln } from "../environment/kiln.ts";
import { openVolume } from "../environment/kept-volumes.ts";
import { Tail } from "../environment/tail.ts";
import { targetName } from "../environment/target.ts";
import { packTar } from "../oci/tar.ts";
import { mountPoint } from "./cache-places.ts";
import { countedIn, statistics } from "./ccache.ts";
import type { CacheUse, CompilerCache, Counts } from "./compiler-cache.ts";
import { architecturesOf } from "./cross.ts";
import type { BuildPlan } from "./plan.ts";
import type { BuildRequest } from "./request.ts";
import { countedBySccache, startScript, stopScript } from "./sccache.ts";

/** The volume of a request's cache and where it is mounted; null when it wants none. */
export async function mountCache(kiln: Kiln, request: BuildRequest): Promise<MountedVolume | null> {
  const { ccache, target } = request;
  if (ccache === undefined) return null;
  const { program, project, trust, readOnly } = ccache;
  const { host } = architecturesOf(request);
  const volume = await openVolume(kiln, { program, project, trust, host, target: targetName(target) });
  return { volume, path: mountPoint, readOnly };
}

/** A build that has its cache, or goes on without it. */
export interface CacheInUse {
  /** Of the build: without the cache's variables where the cache cannot be had. */
  readonly plan: BuildPlan;
  /** What the build had of it; null, with a word on why, where that is not known. Never raises: a cache fails no build. */
  count(): Promise<CacheUse | null>;
}

/** Of a build without one. */
export function noCache(plan: BuildPlan): CacheInUse {
  return { plan: { ...plan, cacheEnvironment: {} }, count: async () => null };
}

/** Makes the places that the builder writes to, and starts what has to run beside the build. */
export async function openCache(
  kiln: Kiln,
  container: Container,
  cache: CompilerCache | undefined,
  { plan, task }: { readonly plan: BuildPlan; readonly task: Task },
): Promise<CacheInUse> {
  if (cache === undefined) return noCache(plan);
  const owned = { type: "directory", mode: 0o755, uid: builder.uid, gid: builder.gid, mtime: 0 } as const;
  await container.put("/build", packTar([{ ...owned, path: "ccache" }]), kiln.signal);
  if (!cache.readOnly) await container.put(mountPoint, packTar([{ ...owned, path: "data" }]), kiln.signal);
  if (cache.program === "ccache")
    return { plan, count: () => counted(cache, task, () => countsOfCcache(kiln, container)) };
  const started = await asBuilder(kiln, container, startScript, plan);
  if (started.exitCode === 0)
    return { plan, count: () => counted(cache, task, () => countsOfSccache(kiln, container, plan)) };
  task.warn(
    `sccache did not start, so this build has no cache: ${started.output.trim().split("\n").at(-1) ?? ""}`,
  );
  return noCache(plan);
}

async function counted(
  { program, project, trust }: CompilerCache,
  task: Task,
  counts: () => Promise<Counts | null>,
): Promise<CacheUse | null> {
  try {
    const found = await counts();
    if (found !== null) return { program, project, trust, ...found };
    task.note(
      `${program} has counted nothing: nothing was compiled${program === "ccache" ? ", or it is older than 4.4" : ""}`,
    );
  } catch (thrown) {
    // As after the end of the container by a time limit.
    task.note(`${program} could not be asked what it counted: ${asFailure(thrown).message}`);
  }
  return null;
}

async function countsOfCcache(kiln: Kiln, container: Container): Promise<Counts | null> {
  const script = 'setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs sh -c "$1" sh "$2"';
  const count = 'head -c 64M -- "$1" 2>/dev/null | grep -E "^[a-z_]{1,40}$" | sort | uniq -c | head -n 200';
  const { output } = await capture(kiln, container, ["sh", "-c", script, "sh", count, statistics]);
  return countedIn(output);
}

/** Only its own user may talk to the server. */
async function countsOfSccache(kiln: Kiln, container: Container, plan: BuildPlan): Promise<Counts | null> {
  return countedBySccache((await asBuilder(kiln, container, stopScript, plan)).output);
}

async function asBuilder(
  { signal }: Kiln,
  container: Container,
  script: string,
  { environment, cacheEnvironment }: BuildPlan,
): Promise<Captured> {
  const output = new Tail(null);
  const { exitCode } = await container.run(["sh", "-c", script], {
    user: `${builder.uid}:${builder.gid}`,
    directory: "/build",
    environment: { ...environment, ...cacheEnvironment },
    stdout: output,
    stderr: output,
    signal,
  });
  return { exitCode, output: output.text };
}
