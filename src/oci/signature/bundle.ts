import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { digestOf, type Digest, hexOf } from "../../base/digest.ts";
import { parseJson } from "../../base/parse-json.ts";
import { keyHint, signBytes, type SigningKey, verifyBytes } from "./key.ts";

/** The media type of sigstore's bundles, and the artifact type of what carries one. */
export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** What a statement that is nothing but a signature is called (cosign's specification, BUNDLE_SPEC.md). */
export const signaturePredicate = "https://sigstore.dev/cosign/sign/v1";

const payloadType = "application/vnd.in-toto+json";
const Base64 = z.base64().transform((text) => Buffer.from(text, "base64"));

/** sigstore's protobuf-specs, sigstore_bundle.proto, as far as keys are concerned. */
const Bundle = z.looseObject({
  mediaType: z
    .string()
    .regex(
      /^application\/vnd\.dev\.sigstore\.bundle\.v0\.3\+json$|^application\/vnd\.dev\.sigstore\.bundle\+json;version=0\.3$/,
    ),
  dsseEnvelope: z
    .looseObject({
      payload: Base64,
      payloadType: z.string(),
      signatures: z.array(z.looseObject({ sig: Base64 })).min(1),
    })
    .optional(),
  messageSignature: z
    .looseObject({
      messageDigest: z.looseObject({ algorithm: z.literal("SHA2_256"), digest: Base64 }).optional(),
      signature: Base64,
    })
    .optional(),
});

/** in-toto Statement v1. */
export const Statement = z.looseObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z
    .array(z.looseObject({ name: z.string().optional(), digest: z.record(z.string(), z.string()) }))
    .min(1),
  predicateType: z.string(),
  predicate: z.unknown().optional(),
});
export type Statement = z.infer<typeof Statement>;

/** What a bundle says that is really the key's. */
export type Verified =
  | { readonly kind: "statement"; readonly statement: Statement }
  /** The bytes of that digest themselves are signed. */
  | { readonly kind: "message"; readonly digest: Digest };

/** The statement that an image is signed. */
export function signatureStatement(digest: Digest): Statement {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: hexOf(digest) } }],
    predicateType: signaturePredicate,
    predicate: {},
  };
}

/** A bundle v0.3 of a statement, signed by a key: a DSSE envelope without certificate and transparency log. */
export function signStatement(key: SigningKey, statement: Statement): Buffer {
  const payload = Buffer.from(JSON.stringify(statement));
  const signature = signBytes(key, preAuthentication(payloadType, payload));
  return Buffer.from(
    JSON.stringify({
      mediaType: bundleType,
      verificationMaterial: { publicKey: { hint: keyHint(key.publicKey) } },
      dsseEnvelope: {
        payload: payload.toString("base64"),
        payloadType,
        signatures: [{ sig: signature.toString("base64") }],
      },
    }),
  );
}

/** What a bundle says, if it is the key's; null when it is not, or is no bundle. */
export function verifyBundle(key: KeyObject, bytes: Uint8Array, image: Uint8Array): Verified | null {
  const parsed = Bundle.safeParse(parseJson(bytes));
  if (!parsed.success) return null;
  const { dsseEnvelope, messageSignature } = parsed.data;
  if (dsseEnvelope !== undefined) {
    const { payload, signatures } = dsseEnvelope;
    const signed = preAuthentication(dsseEnvelope.payloadType, payload);
    if (dsseEnvelope.payloadType !== payloadType) return null;
    if (!signatures.some(({ sig }) => verifyBytes(key, signed, sig))) return null;
    const statement = Statement.safeParse(parseJson(payload));
    return statement.success ? { kind: "statement", statement: statement.data } : null;
  }
  if (messageSignature === undefined || !verifyBytes(key, image, messageSignature.signature)) return null;
  return { kind: "message", digest: digestOf(image) };
}

/** Whether a statement is about an image. */
export function isAbout({ subject }: Statement, digest: Digest): boolean {
  return subject.some((each) => each.digest["sha256"] === hexOf(digest));
}

/** DSSE's pre-authentication encoding (protocol.md). */
function preAuthentication(type: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
