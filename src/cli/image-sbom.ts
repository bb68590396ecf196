import { rm, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { architecture } from "../debian/architecture.ts";
import { openSubject } from "../image/lint/open-subject.ts";
import { sbomOf } from "../image/sbom.ts";
import { diskFailure } from "../store/disk.ts";
import { Store } from "../store/store.ts";
import { cacheDirectory } from "./kiln.ts";
import { type RegistryFlags, registryAccess } from "./registry-access.ts";
import type { Session } from "./session.ts";
import { version } from "./version.ts";

export interface SbomFlags extends RegistryFlags {
  readonly arch: string | undefined;
  readonly name: string | undefined;
  readonly output: string | undefined;
}

/**
 * What a bill calls the image that is named so: its repository, without transport, tag and digest; of a layout or file the
 * name at the end of its path.
 */
export function imageName(place: string): string {
  const bare = place
    .replace(/^(?:oci|oci-archive|docker|docker-archive|docker-daemon|containers-storage):(?:\/\/)?/, "")
    .replace(/@sha256:[0-9a-f]{64}$/, "")
    .replace(/:[^/:]*$/, "");
  const isReference = /^(?:localhost|[^/]*[.:][^/]*)\/[^/]/.test(bare) && !/^\.{0,2}\//.test(bare);
  return isReference ? bare : basename(resolve(bare));
}

/** Prints or writes the bill of materials of an image. */
export async function writeImageSbom(session: Session, place: string, flags: SbomFlags): Promise<void> {
  const { task, signal, connect } = session;
  const platform = flags.arch === undefined ? null : architecture(flags.arch).oci;
  const registry = () => registryAccess(session, flags);
  const scratch = await new Store(cacheDirectory(session)).temporaryDirectory();
  try {
    const opened = await openSubject(place, { scratch, platform, connect, registry, task, signal });
    const sbom = await sbomOf(opened, {
      name: flags.name ?? imageName(place),
      lock: null,
      version: version(),
    });
    const text = `${JSON.stringify(sbom, null, 2)}\n`;
    if (flags.output === undefined) {
      session.result(text, sbom);
      return;
    }
    const file = resolve(flags.output);
    await writeFile(file, text).catch((thrown: unknown) => {
      throw diskFailure(thrown, file);
    });
    session.result(`${flags.output}: ${sbom.packages.length - 1} packages\n`, sbom);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
