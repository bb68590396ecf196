import { z } from "zod";
import { keyOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { type Repository, inReleaseUri } from "../debian/repository.ts";
import type { Kiln } from "./kiln.ts";
import { DigestText, type LockedRelease } from "./lock.ts";

const maxReleaseBytes = 16 * 1024 * 1024;

/** What is known of one InRelease file. */
const KnownRelease = z.strictObject({
  digest: DigestText,
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** When the mirror last said so, in milliseconds since the epoch. */
  checked: z.number(),
});
type KnownRelease = z.infer<typeof KnownRelease>;

/**
 * The digests of all InRelease files of some repositories, asked with conditional requests and only when what is known is
 * older than the freshness allows. Their signatures are apt's to check, in the resolver.
 * @throws Failure mirror-unreachable, not-found (infrastructure), not-cached (with --frozen).
 */
export async function currentReleases(
  kiln: Kiln,
  repositories: readonly Repository[],
): Promise<LockedRelease[]> {
  return Promise.all(releaseUris(repositories).map((uri) => currentRelease(kiln, uri)));
}

/** The text of an InRelease file that `currentReleases` gave. */
export async function releaseText(kiln: Kiln, release: LockedRelease): Promise<string> {
  return (await kiln.store.readBytes(release.digest)).toString("utf8");
}

function releaseUris(repositories: readonly Repository[]): string[] {
  const uris = repositories.flatMap(({ uris, suites }) =>
    uris.flatMap((uri) => suites.map((suite) => inReleaseUri(uri, suite))),
  );
  return [...new Set(uris)].toSorted();
}

async function currentRelease(kiln: Kiln, uri: string): Promise<LockedRelease> {
  const { store, freshness } = kiln;
  const key = keyOf({ uri });
  const recalled = await store.recall("release", key, KnownRelease);
  const known = recalled !== null && (await store.hasBlob(recalled.digest)) ? recalled : null;
  if (known !== null && (freshness.frozen || Date.now() - known.checked < freshness.maxAgeMs)) {
    return { uri, digest: known.digest };
  }
  if (freshness.frozen) {
    throw new Failure(
      "infrastructure",
      "not-cached",
      `${uri} has never been fetched, and --frozen forbids it`,
      {
        hint: "Run once without --frozen.",
      },
    );
  }
  const answer = await ask(kiln, uri, known);
  await store.remember("release", key, answer);
  return { uri, digest: answer.digest };
}

async function ask(kiln: Kiln, uri: string, known: KnownRelease | null): Promise<KnownRelease> {
  const answer = await kiln.download(uri, { headers: conditions(known), signal: kiln.signal });
  if (answer.status === 304 && known !== null) {
    answer.body.resume();
    return { ...known, checked: Date.now() };
  }
  return {
    digest: await kiln.store.putBytes(await readAll(answer.body, uri)),
    etag: answer.headers.etag ?? null,
    lastModified: answer.headers["last-modified"] ?? null,
    checked: Date.now(),
  };
}

function conditions(known: KnownRelease | null): Record<string, string> {
  return {
    ...(known?.etag ? { "if-none-match": known.etag } : {}),
    ...(known?.lastModified ? { "if-modified-since": known.lastModified } : {}),
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
