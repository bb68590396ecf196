import { z } from "zod";
import { type Digest, DigestText, keyOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import type { Container, Image } from "../engine/engine.ts";
import type { Kiln } from "./kiln.ts";
import { type Lock, type LockedPackage, describeDifference, identity, sortPackages } from "./lock.ts";
import { Tail } from "./tail.ts";

/**
 * Compares what dpkg says is installed with the lock: an environment that has more or less is never built in.
 * @throws Failure environment-altered (infrastructure).
 */
export async function verifyPackages(kiln: Kiln, container: Container, lock: Lock): Promise<void> {
  const changes = await alterations(kiln, container, lock);
  if (changes.length > 0) throw environmentAltered(changes);
}

/** How what dpkg says is installed differs from the lock, in words; empty when it does not. */
export async function alterations(kiln: Kiln, container: Container, lock: Lock): Promise<readonly string[]> {
  const installed = parseInstalled(await capture(kiln, container, query), lock);
  return describeDifference(lock.packages, installed);
}

/** The failure of an environment that has other packages than its lock says. */
export function environmentAltered(
  changes: readonly string[],
  hint = "Remove it with `debkiln env rm`; it is then made afresh.",
): Failure {
  return new Failure(
    "infrastructure",
    "environment-altered",
    `The environment is not what its lock says: ${changes.slice(0, 5).join(", ")}`,
    {
      hint,
      details: { changes },
    },
  );
}

/**
 * As `verifyPackages`, once for an image: its id is the digest of all that is in it, so the store remembers that it is right.
 * @throws Failure environment-altered (infrastructure).
 */
export async function verifyImage(
  kiln: Kiln,
  image: Image,
  container: Container,
  plan: { readonly lock: Lock; readonly key: Digest },
): Promise<void> {
  if (await isVerified(kiln, image, plan.key)) return;
  await verifyPackages(kiln, container, plan.lock);
  await rememberVerified(kiln, image, plan.key);
}

/** Whether an image is known to be what its environment's key says. */
export async function isVerified(kiln: Kiln, image: Image, environment: Digest): Promise<boolean> {
  return (await kiln.store.recall("verified", verifiedKey(image, environment), Verified)) !== null;
}

/** Remembers that an image is what its environment's key says: of one committed from a container that was verified. */
export async function rememberVerified(kiln: Kiln, image: Image, environment: Digest): Promise<void> {
  await kiln.store.remember("verified", verifiedKey(image, environment), { image: image.id });
}

const Verified = z.strictObject({ image: DigestText });

function verifiedKey({ id }: Image, environment: Digest): Digest {
  return keyOf({ image: id, environment });
}

/** Whether root's filesystem has places outside the volumes that any user may write to, such as TeX's font cache. */
export async function isWritableElsewhere(
  kiln: Kiln,
  container: Container,
  volumes: readonly string[],
): Promise<boolean> {
  const outside = volumes.flatMap((path) => ["!", "-path", path]);
  const found = await capture(kiln, container, [
    "find",
    "/",
    "-xdev",
    "-perm",
    "-0002",
    "!",
    "-type",
    "l",
    ...outside,
    "-print",
    "-quit",
  ]);
  return found.trim() !== "";
}

const query = [
  "dpkg-query",
  "-W",
  "-f",
  "${Package}\\t${Version}\\t${Architecture}\\t${db:Status-Status}\\n",
];

/** dpkg knows no checksums: a package in the lock's version counts as the lock's. */
function parseInstalled(output: string, lock: Lock): LockedPackage[] {
  const locked = new Map(lock.packages.map((each) => [identity(each), each]));
  const packages = output.split("\n").flatMap((line): LockedPackage[] => {
    const [name = "", version = "", architecture = "", status] = line.split("\t");
    if (status === undefined || status === "not-installed" || status === "config-files") return [];
    const shown = status === "installed" ? version : `${version} (${status})`;
    const same = locked.get(identity({ name, architecture }));
    if (same?.version === shown) return [same];
    return [
      { name, version: shown, architecture, sha256: `sha256:${"0".repeat(64)}`, sizeBytes: 0, uri: "" },
    ];
  });
  return sortPackages(packages);
}

async function capture(kiln: Kiln, container: Container, argv: readonly string[]): Promise<string> {
  const output = new Tail(null);
  await container.run(argv, { stdout: output, signal: kiln.signal });
  return output.text;
}
