import type { Task } from "../base/event.ts";
import { Failure, asFailure } from "../base/failure.ts";
import { formatSize } from "../base/size.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedPackage } from "./lock.ts";

const parallel = 6;
const attempts = 3;

/**
 * Brings the packages' .debs into the store, in parallel, checking size and SHA256 of each.
 * @throws Failure checksum-mismatch, not-found, mirror-unreachable, disk-full (infrastructure).
 */
export async function fetchPackages(kiln: Kiln, packages: readonly LockedPackage[], task: Task): Promise<void> {
  const missing = await absent(kiln, packages);
  if (missing.length === 0) return;
  const total = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  await task.step("fetch", `Download ${missing.length} packages`, async (step) => {
    let done = 0;
    const queue = missing.values();
    const worker = async () => {
      for (const each of queue) {
        await fetchPackage(kiln, each, (bytes) => {
          done += bytes;
          step.progress(done, total, "bytes");
        });
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    step.summary = `${missing.length} packages, ${formatSize(total)}`;
  });
}

async function absent(kiln: Kiln, packages: readonly LockedPackage[]): Promise<LockedPackage[]> {
  const present = await Promise.all(packages.map(({ sha256 }) => kiln.store.hasBlob(sha256)));
  await Promise.all(packages.map(({ sha256 }, at) => (present[at] ? kiln.store.touchBlob(sha256) : undefined)));
  return packages.filter((_, at) => !present[at]);
}

/** A connection that breaks in the middle, or bytes cut short, are tried again; wrong bytes are too, once the cache is past. */
async function fetchPackage(kiln: Kiln, each: LockedPackage, arrived: (bytes: number) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    let got = 0;
    try {
      const { body } = await kiln.download(each.uri, { signal: kiln.signal });
      const expected = { digest: each.sha256, sizeBytes: each.sizeBytes };
      await kiln.store.putBlob(body, expected, each.uri, (bytes) => {
        got += bytes;
        arrived(bytes);
      });
      return;
    } catch (thrown) {
      kiln.signal.throwIfAborted();
      arrived(-got);
      if (attempt === attempts || !mayPass(thrown)) throw asNetworkFailure(thrown, each.uri);
    }
  }
}

function mayPass(thrown: unknown): boolean {
  return !(thrown instanceof Failure) || thrown.code === "checksum-mismatch";
}

function asNetworkFailure(thrown: unknown, uri: string): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure("infrastructure", "mirror-unreachable", `${uri} broke off: ${asFailure(thrown).message}`, {
    hint: "Check the network and the mirror; what has been downloaded is kept.",
    cause: thrown,
  });
}
