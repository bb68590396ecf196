import { Failure } from "../base/failure.ts";
import { parseBinaryOnlyEntry } from "../debian/binary-only-entry.ts";
import { type MadeEntry, type Rebuild, isIdentity } from "../environment/variation.ts";

/** What flags say of a changelog entry that makes another version. */
export interface RebuildFlags {
  readonly maintainer?: string | undefined;
  readonly "make-binnmu"?: string | undefined;
  readonly binnmu?: number | undefined;
  readonly "append-to-version"?: string | undefined;
  readonly "binnmu-timestamp"?: string | undefined;
  readonly "binnmu-changelog"?: string | undefined;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The rebuild that flags ask for, undefined when they ask for none. `here` are the caller's variables, `now` is in seconds.
 * @throws Failure maintainer-missing, bad-timestamp, bad-changelog, bad-version (usage).
 */
export function rebuildOf(flags: RebuildFlags, here: Variables, now: number): Rebuild | undefined {
  const given = flags["binnmu-changelog"];
  if (given !== undefined) return { entry: wholeEntry(given) };
  const text = flags["make-binnmu"];
  const suffix = flags["append-to-version"];
  if (text === undefined && suffix === undefined) return undefined;
  if (suffix !== undefined && !/^[A-Za-z0-9.+~]+$/.test(suffix)) {
    throw new Failure("usage", "bad-version", `No version can end in ${JSON.stringify(suffix)}`, {
      hint: "Versions have letters, digits and . + ~ in them (deb-version(7)).",
    });
  }
  const number = text === undefined || flags.binnmu === 0 ? null : (flags.binnmu ?? 1);
  if (number === null && suffix === undefined) {
    throw new Failure("usage", "bad-version", "A rebuild that is no binNMU has no version of its own", {
      hint: "Say --append-to-version too, or --binnmu with a number from 1 on.",
    });
  }
  return {
    number,
    suffix: suffix ?? null,
    text: text ?? `Append ${suffix ?? ""} to the version; no source changes.`,
    maintainer: flags.maintainer ?? identityHere(here),
    date: dateOf(flags["binnmu-timestamp"] ?? "increment", now),
  };
}

function wholeEntry(given: string): string {
  try {
    return parseBinaryOnlyEntry(given, "--binnmu-changelog").text;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const { code, message, cause } = thrown;
    const hint =
      'Give all of it, as in --binnmu-changelog "$(cat entry)", with binary-only=yes in the first line.';
    throw new Failure("usage", code, message, { hint, cause });
  }
}

/** As devscripts have it. */
function identityHere({ DEBFULLNAME: name, DEBEMAIL: email = "" }: Variables): string {
  const identity = email.includes("<") || name === undefined ? email : `${name} <${email}>`;
  if (isIdentity(identity)) return identity;
  throw new Failure("usage", "maintainer-missing", "Nobody is named who makes the changelog's new entry", {
    hint: "Say --maintainer 'NAME <ADDRESS>', or set DEBFULLNAME and DEBEMAIL.",
  });
}

function dateOf(text: string, now: number): MadeEntry["date"] {
  if (text === "increment") return "increment";
  if (text === "now") return now;
  if (/^@\d{1,12}$/.test(text)) return Number(text.slice(1));
  const parsed = Date.parse(text);
  if (Number.isFinite(parsed) && parsed >= 0) return Math.floor(parsed / 1000);
  throw new Failure("usage", "bad-timestamp", `${JSON.stringify(text)} is not a time`, {
    hint: "Write increment, now, @SECONDS since 1970, or a date such as 2026-03-01T12:00:00Z.",
  });
}
