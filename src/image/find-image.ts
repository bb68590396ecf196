import { Failure } from "../base/failure.ts";
import type { Reference } from "../oci/reference.ts";
import type { FetchedManifest, Repository } from "../oci/registry/repository.ts";

/** What a reference leads to; of tag and digest the digest counts. @throws Failure image-not-found (infrastructure). */
export async function findImage(
  repository: Repository,
  { tag, digest }: Pick<Reference, "tag" | "digest">,
): Promise<FetchedManifest> {
  const name = digest ?? tag ?? "latest";
  const found = await repository.findManifest(name);
  if (found !== null) return found;
  throw new Failure("infrastructure", "image-not-found", `There is no ${repository.nameOf(name)}`, {
    hint: "Check the name and the tag.",
  });
}
