import { writeFile } from "node:fs/promises";
import { Failure } from "../base/failure.ts";
import { type BuiltImage, buildImage } from "../image/build/build-image.ts";
import { attesting } from "../image/build/attest.ts";
import { deliver, requireFitting } from "../image/build/deliver.ts";
import { imageSet } from "../image/build/image-set.ts";
import { previousImage } from "../image/build/previous.ts";
import { tagsBefore } from "../image/push.ts";
import { type Place, parsePlace } from "../image/place.ts";
import { readSigningKeyFile } from "../image/key-files.ts";
import { signatureForms, signing } from "../image/sign.ts";
import { anonymousBuilder } from "../attestation/provenance.ts";
import { version } from "./version.ts";
import { parseReference, withDefaultTag } from "../oci/reference.ts";
import { mayRunNatively } from "../debian/architecture.ts";
import { requireRunnable } from "../environment/emulation.ts";
import { formatLockFile } from "../environment/lock-file.ts";
import type { TagStates } from "../oci/registry/tags.ts";
import { asRepository } from "../repository/as-repository.ts";
import { type DefinitionFlags, planImages } from "./image-plans.ts";
import { withKiln } from "./kiln.ts";
import { type RegistryFlags, registryAccess } from "./registry-access.ts";
import { builtImageText, shownBuild } from "./render/built-image.ts";
import type { Session } from "./session.ts";
import { archiveFor } from "./target.ts";

export interface ImageBuildFlags extends DefinitionFlags, RegistryFlags {
  readonly output?: readonly string[] | undefined;
  readonly push?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly overwrite: boolean;
  readonly repo?: readonly string[] | undefined;
  readonly previous?: string | undefined;
  readonly "write-lock"?: string | undefined;
  readonly repack: "when-it-pays" | "always";
  readonly attest: boolean;
  readonly sign?: string | undefined;
  readonly "passphrase-file": string | undefined;
}

/** Builds the image of a definition for its architectures, and brings it where the user wants it. */
export async function buildImages(session: Session, file: string, flags: ImageBuildFlags): Promise<void> {
  const { plans, definition } = await planImages(session, file, flags);
  const destinations = placesOf(flags, definition.blueprint.name);
  if (plans.length > 1) refuseLock(flags);
  const key =
    flags.sign === undefined ? null : await readSigningKeyFile(flags.sign, flags["passphrase-file"]);
  const access = await registryAccess(session, flags);
  const before: TagStates =
    destinations.push === null ? new Map() : await tagsBefore(destinations.push, access);
  const further = await Promise.all((flags.repo ?? []).map(asRepository));
  for (const { message, hint } of plans[0]?.notices ?? []) session.task.warn(message, hint);
  await withKiln(session, async (kiln) => {
    const about = await kiln.engine.about();
    const architectures = plans.map(({ architecture }) => architecture);
    for (const architecture of architectures) await requireRunnable(about, architecture);
    requireFitting(destinations.places, architectures, about.architecture);
    const built: BuiltImage[] = [];
    for (const plan of plans) {
      const { name, version, architecture, target } = plan;
      const where = {
        said: flags.previous,
        registry: destinations.push?.to ?? null,
        places: destinations.places,
        architecture,
      };
      const previous = await previousImage(where, access);
      const archive = await archiveFor(target);
      const request = {
        plan,
        archive: { ...archive, extra: [...archive.extra, ...further] },
        previous,
        repack: flags.repack,
      };
      const title = `Build ${name} ${version} for ${architecture}`;
      built.push(
        await session.task.step(`${name}_${architecture}`, title, async (step) => {
          if (!mayRunNatively(about.architecture, architecture))
            step.note(`what has to run of ${architecture} runs through qemu-user, which takes its time`);
          return await buildImage(kiln, request, step);
        }),
      );
    }
    await writeLock(built, flags["write-lock"]);
    const images = await imageSet(kiln.store, built);
    const { push } = destinations;
    const builder = { id: session.settings.builder_id ?? anonymousBuilder, version: { debkiln: version() } };
    const accompany = [
      ...(flags.attest ? [attesting(kiln, built, { builder, version: version(), key })] : []),
      ...(key === null ? [] : [signing(key, signatureForms)]),
    ];
    const pushed = await deliver(
      images,
      { places: destinations.places, push: push === null ? null : { ...push, accompany, before } },
      { engine: kiln.engine, access },
      session.task,
    );
    const delivered = {
      digest: images.descriptor.digest,
      places: flags.output ?? [layoutOf(definition.blueprint.name)],
      pushed,
    };
    session.result(builtImageText(built, delivered), shownBuild(built, delivered));
  });
}

/** The lock of the one image that was built. */
async function writeLock([first]: readonly BuiltImage[], file: string | undefined): Promise<void> {
  if (file !== undefined && first !== undefined) await writeFile(file, formatLockFile(first.lockFile));
}

/** @throws Failure bad-command-line (usage) when a lock is wanted of several images. */
function refuseLock(flags: ImageBuildFlags): void {
  if (flags["write-lock"] === undefined) return;
  throw new Failure("usage", "bad-command-line", "--write-lock is for one architecture", {
    hint: "Build with one --arch at a time to write locks.",
  });
}

function placesOf(flags: ImageBuildFlags, name: string) {
  const { push, tag: tags = [], overwrite } = flags;
  const places = (flags.output ?? [layoutOf(name)]).map(placeOnThisMachine);
  if (push === undefined && tags.length > 0)
    throw new Failure("usage", "bad-command-line", "--tag is for what is pushed", { hint: "Add --push." });
  if (push === undefined) return { places, push: null };
  const moved: "overwrite" | "refuse" = overwrite ? "overwrite" : "refuse";
  return { places, push: { to: withDefaultTag(parseReference(push)), tags, moved } };
}

/** A layout in the current directory, which the next build finds. */
function layoutOf(name: string): string {
  return `oci:${name}.oci`;
}

function placeOnThisMachine(text: string): Place {
  const place = parsePlace(text);
  if (place.kind !== "registry") return place;
  throw new Failure("usage", "bad-command-line", `--output takes a place on this machine, not ${text}`, {
    hint: `Write --push ${text} for a registry, or oci:${text} for a directory.`,
  });
}
