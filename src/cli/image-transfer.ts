import { formatSize } from "../base/size.ts";
import { Failure } from "../base/failure.ts";
import { architecture } from "../debian/architecture.ts";
import { readSigningKeyFile } from "../image/key-files.ts";
import { parseLayoutPlace, parsePlace } from "../image/place.ts";
import { pullImage } from "../image/pull.ts";
import { type Accompany, pushImage } from "../image/push.ts";
import { loadImage, saveImage } from "../image/save.ts";
import { signatureForms, signing } from "../image/sign.ts";
import type { BlobSource } from "../oci/blob-source.ts";
import type { Descriptor } from "../oci/image-spec.ts";
import { imageOf } from "../oci/layout-image.ts";
import { openLayout } from "../oci/layout.ts";
import { readImage } from "../oci/read-image.ts";
import { formatReference, parseReference, tagForm } from "../oci/reference.ts";
import { registryAccess, type RegistryFlags } from "./registry-access.ts";
import type { Session } from "./session.ts";

export interface PushFlags extends RegistryFlags {
  readonly tag: readonly string[] | undefined;
  readonly "mount-from": readonly string[] | undefined;
  readonly overwrite: boolean;
  readonly arch: string | undefined;
  readonly "sign-key": string | undefined;
  readonly "passphrase-file": string | undefined;
}

/** Brings an image of a layout to a registry, an archive, another layout or an engine. */
export async function pushCommand(
  session: Session,
  args: { readonly layout: string; readonly destination: string },
  flags: PushFlags,
): Promise<void> {
  const { task, signal } = session;
  const from = parseLayoutPlace(args.layout);
  const to = parsePlace(args.destination);
  const tags = checkTags(flags.tag ?? [], to.kind);
  const source = await openLayout(from.directory);
  const whole = await imageOf(source, from.name);
  const image = flags.arch === undefined ? whole : await onlyFor(flags.arch, source, whole);
  const saved = { source, image };
  switch (to.kind) {
    case "registry": {
      const mountFrom = (flags["mount-from"] ?? []).map(
        (name) => parseReference(`${to.reference.registry}/${name}`).repository,
      );
      const moved = flags.overwrite ? "overwrite" : "refuse";
      const access = await registryAccess(session, flags);
      const accompany = await signingBy(flags);
      const request = { source, image, to: to.reference, tags, mountFrom, moved, accompany } as const;
      const pushed = await pushImage(request, access, task);
      session.result(`${pushed.reference}\n`, pushed);
      return;
    }
    case "engine": {
      await using engine = await session.connect();
      await loadImage(saved, to.reference, engine, task, signal);
      const name = formatReference(to.reference);
      session.result(`${name}\n`, { reference: name, digest: image.digest });
      return;
    }
    default:
      await saveImage(saved, to, task, signal);
      session.result(`${args.destination}\n`, { destination: args.destination, digest: image.digest });
  }
}

/** Of an image for several architectures the one for this, in Debian's words. @throws Failure no-such-platform (usage). */
async function onlyFor(name: string, source: BlobSource, image: Descriptor): Promise<Descriptor> {
  return (await readImage(source, image, architecture(name).oci)).descriptor;
}

/** Brings an image of a registry into a layout. */
export async function pullCommand(
  session: Session,
  args: { readonly reference: string; readonly layout: string },
  flags: RegistryFlags & { readonly arch: string | undefined },
): Promise<void> {
  const from = parseReference(args.reference);
  const { directory, name } = parseLayoutPlace(args.layout);
  const access = await registryAccess(session, flags);
  const pulled = await pullImage({ from, directory, name, architecture: flags.arch }, access, session.task);
  const what = pulled.blobs === 0 ? "nothing to fetch" : `${formatSize(pulled.bytes)} fetched`;
  session.result(`${pulled.reference} is in ${directory}: ${what}\n`, { ...pulled, directory, name });
}

async function signingBy(flags: PushFlags): Promise<readonly Accompany[]> {
  const file = flags["sign-key"];
  if (file === undefined) return [];
  return [signing(await readSigningKeyFile(file, flags["passphrase-file"]), signatureForms)];
}

function checkTags(tags: readonly string[], kind: string): readonly string[] {
  const wrong = tags.find((tag) => !tagForm.test(tag));
  if (wrong !== undefined) {
    throw new Failure("usage", "bad-reference", `"${wrong}" is not a tag`, {
      hint: "A tag has at most 128 letters, digits, dots, dashes and underscores.",
    });
  }
  if (tags.length > 0 && kind !== "registry") {
    throw new Failure("usage", "bad-command-line", "--tag is for registries", { hint: "Leave it out." });
  }
  return tags;
}
