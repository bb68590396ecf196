import { rm } from "node:fs/promises";
import { architecture } from "../debian/architecture.ts";
import { attachmentsOf } from "../image/diff/attachments.ts";
import { diffImages } from "../image/diff/diff-images.ts";
import { inspectImage } from "../image/diff/inspect.ts";
import { type ImageOpeners, openImage } from "../image/open-image.ts";
import { Store } from "../store/store.ts";
import { cacheDirectory } from "./kiln.ts";
import { registryAccess, type RegistryFlags } from "./registry-access.ts";
import { differenceText } from "./render/image-difference.ts";
import { summaryText } from "./render/image-summary.ts";
import type { Session } from "./session.ts";

export interface ImageFlags extends RegistryFlags {
  readonly arch: string | undefined;
}

/** Prints what differs between two images. */
export async function diffCommand(
  session: Session,
  args: { readonly before: string; readonly after: string },
  flags: ImageFlags & { readonly files: boolean },
): Promise<void> {
  await withOpeners(session, flags, async (openers) => {
    const before = await openImage(args.before, openers);
    const after = await openImage(args.after, openers);
    const difference = await diffImages(before, after, openers, session.task);
    const text = differenceText(difference, { style: session.style, files: flags.files ? "list" : "count" });
    session.result(text, difference);
  });
}

/** Prints what an image is. */
export async function inspectCommand(session: Session, image: string, flags: ImageFlags): Promise<void> {
  await withOpeners(session, flags, async (openers) => {
    const { image: read, source } = await openImage(image, openers);
    const summary = inspectImage(read, await attachmentsOf(source, read.descriptor.digest));
    session.result(summaryText(summary), summary);
  });
}

/** Does some work with what opening images needs: a directory for it, which is gone afterwards, and ways to reach them. */
async function withOpeners(
  session: Session,
  flags: ImageFlags,
  work: (openers: ImageOpeners) => Promise<void>,
): Promise<void> {
  const { connect, signal } = session;
  const scratch = await new Store(cacheDirectory(session)).temporaryDirectory();
  try {
    await work({
      scratch,
      signal,
      connect,
      platform: flags.arch === undefined ? null : architecture(flags.arch).oci,
      registry: () => registryAccess(session, flags),
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
