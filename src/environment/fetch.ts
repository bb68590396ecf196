import { counted } from "../base/counted.ts";
import type { Digest } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { formatSize } from "../base/size.ts";
import { retryBrokenOff } from "../store/broken-off.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedPackage } from "./lock.ts";

const parallel = 6;

/** As much of a kiln as fetching takes. */
export type Fetcher = Pick<Kiln, "store" | "download" | "nearby" | "signal">;

/** A file of an archive whose bytes are known beforehand. */
export interface Fetchable {
  readonly uri: string;
  readonly sha256: Digest;
  readonly sizeBytes: number;
}

/** Brings packages' .debs into the store. @throws what `fetchFiles` does. */
export async function fetchPackages(
  kiln: Kiln,
  packages: readonly LockedPackage[],
  task: Task,
): Promise<void> {
  await fetchFiles(kiln, packages, task, "packages");
}

/**
 * Brings files into the store, in parallel, checking size and SHA256 of each.
 * @throws Failure checksum-mismatch, not-found, mirror-unreachable, disk-full (infrastructure).
 */
export async function fetchFiles(
  kiln: Fetcher,
  files: readonly Fetchable[],
  task: Task,
  what: "packages" | "source",
): Promise<void> {
  const missing = await absent(kiln, files);
  if (missing.length === 0) return;
  const total = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const verb = kiln.nearby === undefined ? "Download" : "Bring";
  const title = what === "source" ? `${verb} the source` : `${verb} ${counted(missing.length, "package")}`;
  await task.step("fetch", title, async (step) => {
    let done = 0;
    const stop = new AbortController();
    const queue = missing.values();
    const worker = async () => {
      for (const each of queue) {
        if (stop.signal.aborted) return;
        await fetchFile(kiln, each, (bytes) => {
          done += bytes;
          step.progress(done, total, "bytes");
        });
      }
    };
    const workers = Array.from({ length: parallel }, () =>
      worker().catch((thrown: unknown) => {
        stop.abort();
        throw thrown;
      }),
    );
    const failed = (await Promise.allSettled(workers)).find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    step.summary = `${counted(missing.length, "file")}, ${formatSize(total)}`;
  });
}

async function absent(kiln: Fetcher, files: readonly Fetchable[]): Promise<Fetchable[]> {
  const present = await Promise.all(
    files.map(({ sha256, sizeBytes }) => kiln.store.hasBlob(sha256, sizeBytes)),
  );
  await Promise.all(files.filter((_, at) => present[at]).map(({ sha256 }) => kiln.store.touchBlob(sha256)));
  return files.filter((_, at) => !present[at]);
}

async function fetchFile(kiln: Fetcher, each: Fetchable, arrived: (bytes: number) => void): Promise<void> {
  const { store, signal } = kiln;
  await retryBrokenOff(each.uri, signal, async () => {
    let got = 0;
    try {
      const near = await kiln.nearby?.(each.sha256);
      const body = near ?? (await kiln.download(each.uri, { signal })).body;
      const expected = { digest: each.sha256, sizeBytes: each.sizeBytes };
      await store.putBlob(body, expected, each.uri, (bytes) => {
        got += bytes;
        arrived(bytes);
      });
    } catch (thrown) {
      arrived(-got);
      throw thrown;
    }
  });
}
