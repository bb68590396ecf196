import { architecture } from "../debian/architecture.ts";
import { attachFile, readAttachment } from "../image/attach.ts";
import { parseReference } from "../oci/reference.ts";
import { registryAccess, type RegistryFlags } from "./registry-access.ts";
import type { Session } from "./session.ts";

export interface AttachFlags extends RegistryFlags {
  readonly type: string | undefined;
  readonly arch: string | undefined;
}

/** Attaches a file to an image of a registry. */
export async function attachCommand(
  session: Session,
  { reference, file }: { readonly reference: string; readonly file: string },
  flags: AttachFlags,
): Promise<void> {
  const platform = flags.arch === undefined ? null : architecture(flags.arch).oci;
  const artifact = await readAttachment(file, flags.type);
  const access = await registryAccess(session, flags);
  const attached = await attachFile(parseReference(reference), artifact, platform, access, session.task);
  const what = attached.outcome === "there" ? "attached already" : "attached";
  session.result(`${attached.reference}\n  ${attached.type}: ${what} (${attached.digest})\n`, attached);
}
