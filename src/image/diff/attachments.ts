import type { Digest } from "../../base/digest.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import { listReferrers } from "../../oci/registry/referrers.ts";
import { Repository } from "../../oci/registry/repository.ts";
import { signatureTag } from "../../oci/signature/cosign-signature.ts";

/** Something that lies with an image in a registry: signatures, a bill of materials, provenance. */
export interface Attachment {
  /** The artifact's type; of cosign's signatures, which have a tag and no type, null. */
  readonly type: string | null;
  readonly digest: string;
  /** Of its manifest. */
  readonly sizeBytes: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * What is attached to an image, cosign's signatures first; nothing for images that are in no registry. Whether any of it is
 * true is another question. @throws Failure registry-* (infrastructure).
 */
export async function attachmentsOf(source: BlobSource, digest: Digest): Promise<readonly Attachment[]> {
  if (!(source instanceof Repository)) return [];
  const signatures = await source.findManifest(signatureTag(digest));
  const attached = (await listReferrers(source, digest)).map((each) => ({
    type: each.artifactType ?? each.mediaType,
    digest: each.digest,
    sizeBytes: each.size,
    annotations: each.annotations ?? {},
  }));
  if (signatures === null) return attached;
  const { descriptor } = signatures;
  return [
    { type: null, digest: descriptor.digest, sizeBytes: descriptor.size, annotations: {} },
    ...attached,
  ];
}
