import { readFile } from "node:fs/promises";
import { z } from "zod";
import { DigestText } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { parseBinaryOnlyEntry } from "../debian/binary-only-entry.ts";
import { checkFileName } from "../debian/file-name.ts";
import { NamedPlace } from "./named/place.ts";
import { ProvisionsRecord } from "./provisions.ts";
import { Lock, LockedPackage, difference, identity } from "./lock.ts";
import { type Rebuild, Variation } from "./variation.ts";

/** A file of a locked source package. */
export const LockedSourceFile = z.strictObject({
  name: z.string(),
  sha256: DigestText,
  sizeBytes: z.int().nonnegative(),
  /** Null when it was on the machine that made the lock. */
  uri: z.string().nullable(),
});
export type LockedSourceFile = z.infer<typeof LockedSourceFile>;

/** What a build is repeated by: `lock.json`. */
export const LockFile = z.strictObject({
  kind: z.literal("debkiln-lock"),
  schemaVersion: z.literal(1),
  /** The environment. */
  lock: Lock,
  /** The packages of the base image, which the environment's were installed upon. */
  base: z.array(LockedPackage).readonly(),
  /** Of an image with a unified kernel image: the environment of the tool that makes it, on the same base. */
  tools: Lock.optional(),
  /** The source package, the .dsc among its files; without files when it was a tree, which may change at any time. */
  source: z
    .strictObject({ name: z.string(), version: z.string(), files: z.array(LockedSourceFile).readonly() })
    .nullable(),
  /** What was asked for, as far as it changes what comes out. */
  build: z
    .strictObject({
      wanted: z.strictObject({ any: z.boolean(), all: z.boolean(), source: z.boolean() }).readonly(),
      profiles: z.array(z.string()).readonly(),
      buildOptions: z.array(z.string()).readonly(),
      /** Of a cross build: the architecture of the packages. */
      host: z.string().optional(),
      variation: Variation.optional(),
      /** The named environment that it was built in, of which the lock has the packages and nothing that was done by hand. */
      named: NamedPlace.optional(),
      /** What the build's container had beside the environment: a lock brings none of it. */
      provisions: ProvisionsRecord.optional(),
    })
    .nullable(),
});
export type LockFile = z.infer<typeof LockFile>;

/** The version of the form that is written, and the newest that is read. */
export const lockFileVersion = 1;

/** More than any lock has: a thousand packages have half a megabyte. */
export const longestLockFile = 64 * 1024 ** 2;

/**
 * Reads a lock file's text: strictly, since it may come from anyone.
 * @throws Failure bad-lock, lock-too-new (usage).
 */
export function parseLockFile(text: string, origin: string): LockFile {
  const value = parseJson(text, origin);
  const head = z.looseObject({ kind: z.literal("debkiln-lock"), schemaVersion: z.int() }).safeParse(value);
  if (!head.success) throw badLock(origin, "it is not a lock of debkiln's", head.error);
  if (head.data.schemaVersion > lockFileVersion) {
    throw new Failure(
      "usage",
      "lock-too-new",
      `${origin} has version ${head.data.schemaVersion} of the form of locks; this debkiln knows up to ${lockFileVersion}`,
      { hint: "Use the debkiln that made it or a newer one, or make the lock anew with `debkiln lock`." },
    );
  }
  const parsed = LockFile.safeParse(value);
  if (!parsed.success) throw badLock(origin, whereOf(parsed.error), parsed.error);
  checkContents(parsed.data, origin);
  return parsed.data;
}

/** As `parseLockFile`, of a file. @throws Failure lock-missing (usage) too. */
export async function readLockFile(path: string): Promise<LockFile> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure("usage", "lock-missing", `Cannot read the lock ${path}: ${reason}`, {
      hint: "Make one with `debkiln lock SOURCE`, or name the lock.json of a build's results.",
      cause,
    });
  });
  return parseLockFile(text, path);
}

/** A lock file's text: the same for the same lock, and readable, so that two can be compared line by line. */
export function formatLockFile(file: LockFile): string {
  return `${JSON.stringify(LockFile.parse(file), null, 2)}\n`;
}

/** What is installed upon the base: those are the .debs that a build by the lock can need. */
export function packagesBeyondBase({ lock, base, tools }: LockFile): readonly LockedPackage[] {
  const packages = difference(base, lock.packages).install;
  if (tools === undefined) return packages;
  const known = new Set(packages.map(({ sha256 }) => sha256));
  return [
    ...packages,
    ...difference(base, tools.packages).install.filter(({ sha256 }) => !known.has(sha256)),
  ];
}

/** dpkg allows one package of a name and architecture, and file names go into directories as they are. */
function checkContents({ lock, base, source, tools, build }: LockFile, origin: string): void {
  if (tools !== undefined && tools.base !== lock.base)
    throw badLock(origin, "its tools are on another base than the rest");
  for (const packages of [lock.packages, base, tools?.packages ?? []]) {
    const seen = new Set<string>();
    for (const each of packages) {
      if (!packageForm.test(`${each.name} ${each.version} ${each.architecture}`)) {
        throw badLock(origin, `${JSON.stringify(each.name.slice(0, 100))} is not a package of Debian's form`);
      }
      if (seen.has(identity(each))) throw badLock(origin, `${identity(each)} is in it twice`);
      seen.add(identity(each));
    }
  }
  for (const { name } of source?.files ?? []) checkFileName(name, origin);
  if ((source?.files.length ?? 0) > 0 && dscsOf(source).length !== 1)
    throw badLock(origin, "its source has no .dsc or several");
  checkRebuild(build?.variation?.rebuild, source, origin);
}

/** The entry goes into the source's changelog, where dpkg takes the source's name and the packages' version from it. */
function checkRebuild(rebuild: Rebuild | undefined, source: LockFile["source"], origin: string): void {
  if (rebuild === undefined || !("entry" in rebuild)) return;
  const entry = parseBinaryOnlyEntry(rebuild.entry, origin);
  if (entry.source !== source?.name || entry.version === source.version)
    throw badLock(
      origin,
      `its entry of ${entry.source} ${entry.version} makes no other version of its source`,
    );
}

function dscsOf(source: LockFile["source"]): readonly LockedSourceFile[] {
  return source?.files.filter(({ name }) => name.endsWith(".dsc")) ?? [];
}

/** What ends up in the names of files and on command lines in containers. */
const packageForm = /^[A-Za-z0-9][A-Za-z0-9+.-]+ [A-Za-z0-9.+~:-]+ [a-z0-9][a-z0-9-]*$/;

function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badLock(origin, "it is not JSON", cause);
  }
}

function whereOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".") || "it"}: ${issue?.message ?? "invalid"}`;
}

function badLock(origin: string, what: string, cause?: unknown): Failure {
  return new Failure("usage", "bad-lock", `${origin} is no usable lock: ${what}`, {
    hint: "Make it anew with `debkiln lock`; locks are not meant to be edited.",
    cause,
  });
}
