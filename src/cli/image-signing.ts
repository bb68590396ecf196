import { join } from "node:path";
import { printableLine } from "../base/printable.ts";
import { makeKeyFiles, readPublicKeyFile, readSigningKeyFile } from "../image/key-files.ts";
import { type SignatureForm, signatureForms, type Signed, signImage } from "../image/sign.ts";
import { planTrust, type TrustRequest, writeTrust } from "../image/trust.ts";
import { verifyImage } from "../image/verify.ts";
import { parseReference } from "../oci/reference.ts";
import { registryAccess, type RegistryFlags } from "./registry-access.ts";
import type { Session } from "./session.ts";

/** The flags that name a key to sign with, as parsed. */
export interface KeyFlags {
  readonly key: string;
  readonly "passphrase-file": string | undefined;
}

export async function keygenCommand(
  session: Session,
  prefix: string,
  passphraseFile: string | undefined,
): Promise<void> {
  const files = await makeKeyFiles(prefix, passphraseFile);
  if (passphraseFile === undefined) {
    session.task.note(`${files.privateFile} has no passphrase: whoever can read it can sign`);
  }
  session.result(`${files.privateFile}\n${files.publicFile}\n`, files);
}

export async function signCommand(
  session: Session,
  reference: string,
  flags: KeyFlags & RegistryFlags & { readonly form: SignatureForm | undefined },
): Promise<void> {
  const key = await readSigningKeyFile(flags.key, flags["passphrase-file"]);
  const forms = flags.form === undefined ? signatureForms : [flags.form];
  const access = await registryAccess(session, flags);
  const signed = await signImage(parseReference(reference), key, forms, access, session.task);
  session.result(signedText(signed), signed);
}

function signedText({ reference, manifests }: Signed): string {
  const lines = manifests.map(
    ({ digest, added }) =>
      `  ${digest}: ${added.length === 0 ? "signed already" : `signed (${added.join(", ")})`}\n`,
  );
  return `${reference}\n${lines.join("")}`;
}

export async function verifyCommand(
  session: Session,
  reference: string,
  flags: RegistryFlags & { readonly key: string },
): Promise<void> {
  const key = await readPublicKeyFile(flags.key);
  const access = await registryAccess(session, flags);
  const verified = await verifyImage(parseReference(reference), key, access, session.task);
  const lines = [
    ...verified.signatures.map((each) =>
      each.form === "cosign"
        ? `  signed as ${printableLine(each.reference)}\n`
        : `  signed by the bundle ${each.artifact}\n`,
    ),
    ...verified.attestations.map(
      (each) => `  attested: ${printableLine(each.predicateType)}, by the bundle ${each.artifact}\n`,
    ),
  ];
  session.result(`${verified.reference}\n${lines.join("")}`, verified);
}

/** Shows what a host needs to take images of a scope by signature only, or writes it below a directory. */
export async function policyCommand(
  session: Session,
  request: TrustRequest,
  output: string | undefined,
): Promise<void> {
  const files = await planTrust(request);
  if (output !== undefined) await writeTrust(files, output);
  const text = files.map((file) =>
    output === undefined ? `# ${file.path}\n${file.text}\n` : `${join(output, file.path)}\n`,
  );
  session.result(text.join(""), files);
}
