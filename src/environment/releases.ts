import { z } from "zod";
import { DigestText, type Digest, keyOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { peelClearSigned } from "../debian/clear-signed.ts";
import { type Release, parseRelease } from "../debian/release.ts";
import { type Repository, inReleaseUri } from "../debian/repository.ts";
import { retryBrokenOff } from "../store/broken-off.ts";
import { isLocal } from "../store/local-file.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedRelease } from "./lock.ts";

/** What asking after releases needs. */
export type Asker = Pick<Kiln, "store" | "download" | "freshness" | "signal">;

const maxReleaseBytes = 16 * 1024 * 1024;

/** What is known of one InRelease file. */
const KnownRelease = z.strictObject({
  /** Null when the mirror does not have it, which is remembered only of suites that may be absent. */
  digest: DigestText.nullable(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** After which it is not to be trusted, in milliseconds since the epoch; null when it does not say. */
  validUntil: z.number().nullable(),
  /** When the mirror last said so, in milliseconds since the epoch. */
  checked: z.number(),
});
type KnownRelease = z.infer<typeof KnownRelease>;

/**
 * The digests of all InRelease files of some repositories, asked with conditional requests and only when what is known is
 * older than the freshness allows. Their signatures are apt's to check, in the resolver.
 * @throws Failure mirror-unreachable, not-found, release-expired, archive-corrupt (infrastructure), not-cached (with
 * --frozen, which takes expired ones too).
 */
export async function currentReleases(
  kiln: Asker,
  repositories: readonly Repository[],
): Promise<LockedRelease[]> {
  const strict = new Set(
    releaseUris(repositories.filter(({ checkValidUntil }) => checkValidUntil !== false)),
  );
  return Promise.all(
    releaseUris(repositories).map(async (uri) => {
      const { digest, validUntil } = await currentRelease(kiln, uri);
      const isExpired = validUntil !== null && validUntil < Date.now();
      if (isExpired && strict.has(uri) && !kiln.freshness.frozen) throw expired(uri, validUntil);
      return { uri, digest };
    }),
  );
}

/** apt would say so too, but is not asked when nothing has moved: a mirror that stands still must not go unnoticed. */
function expired(uri: string, validUntil: number): Failure {
  const date = new Date(validUntil).toISOString().slice(0, 16);
  return new Failure("infrastructure", "release-expired", `${uri} was valid until ${date}Z only`, {
    hint: "Check this machine's clock; for a snapshot or a stale mirror set check_valid_until = false (--no-check-valid-until).",
  });
}

/** The suites of a repository without those that may be absent and whose InRelease its mirrors do not have (HTTP 404). */
export async function publishedSuites(
  kiln: Asker,
  { uris, suites }: Repository,
  mayBeAbsent: (suite: string) => boolean,
): Promise<string[]> {
  const present = await Promise.all(
    suites.map(async (suite) => {
      if (!mayBeAbsent(suite)) return true;
      const known = await Promise.all(
        uris.map((uri) => {
          const at = inReleaseUri(uri, suite);
          return lookUp(kiln, at, (before) => askForOptional(kiln, at, before));
        }),
      );
      return known.every(({ digest }) => digest !== null);
    }),
  );
  return suites.filter((_, at) => present[at]);
}

/** The text of an InRelease file that `currentReleases` gave. */
export async function releaseText(kiln: Asker, release: LockedRelease): Promise<string> {
  return (await kiln.store.readBytes(release.digest)).toString("utf8");
}

/** The addresses of the InRelease files of some repositories, sorted. */
export function releaseUris(repositories: readonly Repository[]): string[] {
  const uris = repositories.flatMap(({ uris, suites }) =>
    uris.flatMap((uri) => suites.map((suite) => inReleaseUri(uri, suite))),
  );
  return [...new Set(uris)].toSorted();
}

async function currentRelease(
  kiln: Asker,
  uri: string,
): Promise<{ readonly digest: Digest; readonly validUntil: number | null }> {
  const { digest, validUntil } = await lookUp(kiln, uri, (known) => ask(kiln, uri, known));
  if (digest !== null) return { digest, validUntil };
  // It was absent when that was allowed; whoever asks now needs it, so the mirror is asked afresh.
  await kiln.store.forget("release", keyOf({ uri }));
  return currentRelease(kiln, uri);
}

/** What is remembered if it is new enough, else what asking gives. */
async function lookUp(
  { store, freshness }: Asker,
  uri: string,
  askMirror: (known: KnownRelease | null) => Promise<KnownRelease>,
): Promise<KnownRelease> {
  const key = keyOf({ uri });
  const recalled = await store.recall("release", key, KnownRelease);
  const there =
    recalled !== null && (recalled.digest === null || (await store.findBytes(recalled.digest)) !== null);
  const known = there ? recalled : null;
  // What lies on this machine is looked at each time: that costs nothing, and it may just have changed.
  if (isLocal(uri)) return await askMirror(known);
  if (known !== null && (freshness.frozen || Date.now() - known.checked < freshness.maxAgeMs)) return known;
  if (freshness.frozen) {
    throw new Failure(
      "infrastructure",
      "not-cached",
      `${uri} has never been fetched, and --frozen forbids it`,
      { hint: "Run once without --frozen." },
    );
  }
  const answer = await askMirror(known);
  await store.remember("release", key, answer);
  return answer;
}

async function askForOptional(kiln: Asker, uri: string, known: KnownRelease | null): Promise<KnownRelease> {
  return ask(kiln, uri, known).catch((thrown: unknown) => {
    if (!(thrown instanceof Failure) || thrown.code !== "not-found") throw thrown;
    return { digest: null, etag: null, lastModified: null, validUntil: null, checked: Date.now() };
  });
}

async function ask(kiln: Asker, uri: string, known: KnownRelease | null): Promise<KnownRelease> {
  return await retryBrokenOff(uri, kiln.signal, async () => {
    const answer = await kiln.download(uri, { headers: conditions(known), signal: kiln.signal });
    if (answer.status === 304 && known !== null) {
      answer.body.resume();
      return { ...known, checked: Date.now() };
    }
    const content = await readAll(answer.body, uri);
    return {
      validUntil: validUntilOf(content, uri),
      digest: await kiln.store.putBytes(content),
      etag: answer.headers.etag ?? null,
      lastModified: answer.headers["last-modified"] ?? null,
      checked: Date.now(),
    };
  });
}

/**
 * Anything but a signed InRelease file, such as a captive portal's page, is refused before it is remembered. Whose signature
 * it is apt finds out.
 */
function validUntilOf(content: Buffer, uri: string): number | null {
  const text = content.toString("utf8");
  const validUntil = readRelease(text, uri).validUntil?.getTime() ?? null;
  if (peelClearSigned(text).signed) return validUntil;
  throw new Failure("infrastructure", "release-unsigned", `${uri} has no signature`, {
    hint: "An InRelease file is a signed text, even where `Trusted: yes` allows any key; `debkiln repo` makes signed repositories.",
  });
}

function readRelease(text: string, uri: string): Release {
  try {
    return parseRelease(text, uri);
  } catch (cause) {
    throw new Failure("infrastructure", "archive-corrupt", `${uri} is not an InRelease file`, {
      hint: "Check the mirror's address, and whether a proxy or portal answers in its place.",
      cause,
    });
  }
}

function conditions(known: KnownRelease | null): Record<string, string> {
  if (known === null || known.digest === null) return {};
  return {
    ...(known.etag === null ? {} : { "if-none-match": known.etag }),
    ...(known.lastModified === null ? {} : { "if-modified-since": known.lastModified }),
  };
}

async function readAll(body: AsyncIterable<Buffer>, uri: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxReleaseBytes) {
      throw new Failure(
        "infrastructure",
        "release-too-large",
        `${uri} is larger than ${maxReleaseBytes} bytes`,
        {
          hint: "This is not an InRelease file; check the mirror's address.",
        },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
