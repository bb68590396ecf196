import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { architecture as debianArchitecture } from "../debian/architecture.ts";
import { copyImage } from "../oci/copy-image.ts";
import { readGraph } from "../oci/image-graph.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import { readImage } from "../oci/read-image.ts";
import { formatReference, type Reference, withDefaultTag } from "../oci/reference.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import { Repository } from "../oci/registry/repository.ts";
import { writeLayout } from "../store/write-layout.ts";
import { findImage } from "./find-image.ts";
import { pruneLayout } from "./prune-layout.ts";

export interface PullRequest {
  readonly from: Reference;
  readonly directory: string;
  /** The image's name in the layout; with null it is the only one there. */
  readonly name: string | null;
  /** Debian's name of the one architecture wanted of several; without it, all are. */
  readonly architecture?: string | undefined;
}

export interface Pulled {
  readonly reference: string;
  readonly digest: Digest;
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Pulls an image into an OCI layout, made where there is none. The layout names the image when all of it is there.
 * @throws Failure image-not-found, wrong-digest, registry-* (infrastructure), no-such-platform, bad-layout (usage).
 */
export async function pullImage(request: PullRequest, access: RegistryAccess, task: Task): Promise<Pulled> {
  const { directory, name } = request;
  const from = withDefaultTag(request.from);
  return await task.step("pull", `Pull ${formatReference(from)}`, async (step) => {
    const repository = new Repository(from, { access, rights: "pull" });
    const image = await chooseImage(repository, from, request.architecture);
    const graph = await readGraph(repository, image);
    const { signal } = access;
    const waiting = () => step.note(`waiting for another process that writes to ${directory}`);
    return await writeLayout(directory, { signal, waiting }, async (layout) => {
      const { blobs, bytes } = await copyImage(repository, layout, graph, step, signal);
      await pruneLayout(layout, await layout.putReference(name, image));
      return { reference: repository.nameOf(image.digest), digest: image.digest, blobs, bytes };
    });
  });
}

async function chooseImage(
  repository: Repository,
  from: Reference,
  architecture: string | undefined,
): Promise<Descriptor> {
  const { descriptor: found } = await findImage(repository, from);
  if (architecture === undefined) return found;
  const { oci } = debianArchitecture(architecture);
  return (await readImage(repository, found, oci)).descriptor;
}
