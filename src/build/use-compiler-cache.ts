import type { Task } from "../base/event.ts";
import type { Container, MountedVolume } from "../engine/engine.ts";
import { builder } from "../environment/builder.ts";
import { capture } from "../environment/capture.ts";
import type { Kiln } from "../environment/kiln.ts";
import { openVolume } from "../environment/kept-volumes.ts";
import { targetName } from "../environment/target.ts";
import { packTar } from "../oci/tar.ts";
import { type CacheUse, type CompilerCache, countedIn, mountPoint, statistics } from "./compiler-cache.ts";
import { architecturesOf } from "./cross.ts";
import type { BuildRequest } from "./request.ts";

/** The volume of a request's cache and where it is mounted; null when it wants none. */
export async function mountCache(kiln: Kiln, request: BuildRequest): Promise<MountedVolume | null> {
  const { ccache, target } = request;
  if (ccache === undefined) return null;
  const { project, trust, readOnly } = ccache;
  const { host } = architecturesOf(request);
  const volume = await openVolume(kiln, { project, trust, host, target: targetName(target) });
  return { volume, path: mountPoint, readOnly };
}

/** Makes the places that the builder writes to. */
export async function putCachePlaces(
  container: Container,
  { readOnly }: CompilerCache,
  signal: AbortSignal,
): Promise<void> {
  const owned = { type: "directory", mode: 0o755, uid: builder.uid, gid: builder.gid, mtime: 0 } as const;
  await container.put("/build", packTar([{ ...owned, path: "ccache" }]), signal);
  if (!readOnly) await container.put(mountPoint, packTar([{ ...owned, path: "data" }]), signal);
}

/** What the build had of its cache; null, with a word on why, when ccache did not tell. */
export async function cacheUseOf(
  kiln: Kiln,
  container: Container,
  { project, trust }: CompilerCache,
  task: Task,
): Promise<CacheUse | null> {
  const script = 'setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs sh -c "$1" sh "$2"';
  const count = 'head -c 64M -- "$1" 2>/dev/null | grep -E "^[a-z_]{1,40}$" | sort | uniq -c | head -n 200';
  const { output } = await capture(kiln, container, ["sh", "-c", script, "sh", count, statistics]);
  const counted = countedIn(output);
  if (counted !== null) return { project, trust, ...counted };
  task.note("ccache has counted nothing: nothing was compiled, or it is older than 4.4");
  return null;
}
