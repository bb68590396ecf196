import { z } from "zod";
import { type Digest, DigestText } from "../../base/digest.ts";
import { parseJson } from "../../base/parse-json.ts";

/** The media type of a payload in cosign's signatures. */
export const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";

/** The annotation that has a payload's signature, in base64. */
export const signatureAnnotation = "dev.cosignproject.cosign/signature";

/**
 * What is signed (containers-signature(5), "The cryptographically signed contents"): that an image of this digest may be
 * called so.
 */
const Payload = z.looseObject({
  critical: z.looseObject({
    type: z.literal("cosign container image signature"),
    image: z.looseObject({ "docker-manifest-digest": DigestText }),
    identity: z.looseObject({ "docker-reference": z.string() }),
  }),
});

export interface Claim {
  readonly digest: Digest;
  /** `registry/repository`, with a tag where the signature is for one only. */
  readonly reference: string;
}

/** A payload's bytes. The same claim has the same ones, so that signing twice is found out. */
export function writePayload({ digest, reference }: Claim): Buffer {
  const payload: z.infer<typeof Payload> & { readonly optional: object } = {
    critical: {
      identity: { "docker-reference": reference },
      image: { "docker-manifest-digest": digest },
      type: "cosign container image signature",
    },
    optional: { creator: "debkiln" },
  };
  return Buffer.from(JSON.stringify(payload));
}

/** What a payload claims; null when it is none. */
export function readPayload(bytes: Uint8Array): Claim | null {
  const parsed = Payload.safeParse(parseJson(bytes));
  if (!parsed.success) return null;
  const { image, identity } = parsed.data.critical;
  return { digest: image["docker-manifest-digest"], reference: identity["docker-reference"] };
}
