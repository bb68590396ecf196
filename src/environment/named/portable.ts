import { canonicalJson } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { debianArchitectureOf } from "../../debian/architecture.ts";
import type { Image } from "../../engine/engine.ts";
import type { ImageConfig } from "../../oci/image-spec.ts";
import type { Kiln } from "../kiln.ts";
import { Lock, environmentKey } from "../lock.ts";
import { labels } from "../names.ts";
import { alterations, environmentAltered, isVerified, rememberVerified } from "../verify.ts";
import { packLock, unpackLock } from "./carried-lock.ts";
import { handSpec, requireRunnableImage } from "./container.ts";

/** Under this label an environment carries its whole lock where it goes. */
export const lockLabel = "debkiln.lock-file";

/** The labels of an environment that leaves this machine: the image's own, and its lock. */
export function exportedLabels(own: Readonly<Record<string, string>>, lock: Lock): Record<string, string> {
  const kept = Object.entries(own).filter(([name]) => !name.startsWith("debkiln.") || name === labels.target);
  return {
    ...Object.fromEntries(kept),
    [labels.kind]: "exported",
    [labels.key]: environmentKey(lock),
    [lockLabel]: packLock(lock),
  };
}

/**
 * The lock that an environment from elsewhere carries. @throws Failure environment-without-lock (usage): there is none, it
 * cannot be read, or it is another architecture's.
 */
export function carriedLock(config: ImageConfig): Lock {
  const label = config.config?.Labels?.[lockLabel];
  if (label === undefined) throw withoutLock("it carries none");
  const lock = Lock.safeParse(parsed(label));
  if (!lock.success) throw withoutLock("what it carries cannot be read");
  const architecture = debianArchitectureOf(config.architecture, config.variant);
  if (architecture !== lock.data.architecture)
    throw withoutLock(
      `its lock is for ${lock.data.architecture}, the image for ${architecture ?? "something else"}`,
    );
  return lock.data;
}

/** The labels that such an image gets here: none of its own, which may say anything. */
export async function importedLabels(kiln: Kiln, lock: Lock): Promise<Record<string, string>> {
  return {
    [labels.kind]: "imported",
    [labels.key]: environmentKey(lock),
    [labels.base]: lock.base,
    [labels.lock]: await kiln.store.putBytes(canonicalJson(lock)),
    [labels.target]: `debian-${lock.suite}-${lock.architecture}`,
    [labels.created]: new Date().toISOString(),
  };
}

/**
 * Compares an environment that has been brought here with its lock; one that differs is removed.
 * @throws Failure environment-altered, no-emulation (infrastructure).
 */
export async function verifyImported(kiln: Kiln, image: Image, reference: string, lock: Lock): Promise<void> {
  const hint = "Do not use it: ask whoever made it for one that has what its lock says.";
  try {
    await compare(kiln, image, lock, hint);
  } catch (thrown) {
    await kiln.engine.removeImage(reference);
    throw thrown;
  }
}

/**
 * Refuses an environment that has not what its lock says: nobody could use it where it arrives.
 * @throws Failure environment-altered, no-emulation (infrastructure).
 */
export async function requireExportable(kiln: Kiln, image: Image, lock: Lock): Promise<void> {
  if (await isVerified(kiln, image, environmentKey(lock))) return;
  await compare(kiln, image, lock, exportHint);
}

/** What can be done with an environment that has no lock any more. */
export const exportHint =
  "Restore a snapshot or make it anew (debkiln env init --replace), then export it. The image alone, without a lock, " +
  "podman or docker can save or push.";

async function compare(kiln: Kiln, image: Image, lock: Lock, hint: string): Promise<void> {
  await requireRunnableImage(kiln, image);
  await using container = await kiln.engine.create(handSpec(kiln, image, { network: "none" }));
  const changes = await alterations(kiln, container, lock);
  if (changes.length > 0) throw environmentAltered(changes, hint);
  await rememberVerified(kiln, image, environmentKey(lock));
}

function parsed(label: string): unknown {
  try {
    return JSON.parse(unpackLock(label) ?? "null");
  } catch {
    return null;
  }
}

function withoutLock(why: string): Failure {
  return new Failure("usage", "environment-without-lock", `The image is no environment with a lock: ${why}`, {
    hint: "`debkiln env export` makes such images.",
  });
}
