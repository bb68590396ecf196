import { Failure } from "../base/failure.ts";
import type { Download } from "../store/download.ts";

/** How files of a lock may be got that are nowhere at hand. */
export interface LockedDownload {
  readonly download: Download;
  /** Nothing may be downloaded at all. */
  readonly offline: boolean;
  /** The addresses of archives that may have a file when its own address has not; its checksum is known. */
  readonly mirrors: readonly string[];
}

/** Stands for the address of a file that has none. */
export const nowhere = "debkiln-local:";

/**
 * Downloads files that a lock names, from their own addresses, else from other mirrors at the same place in the pool.
 * @throws Failure not-fetched, package-gone (dependency), and what downloading raises.
 */
export function downloadLocked({ download, offline, mirrors }: LockedDownload): Download {
  return async (uri, options) => {
    if (uri.startsWith(nowhere) || offline) throw notFetched(uri, offline);
    const failures: Failure[] = [];
    for (const each of [uri, ...elsewhere(uri, mirrors)]) {
      try {
        return await download(each, options);
      } catch (thrown) {
        if (!(thrown instanceof Failure) || !passing.has(thrown.code)) throw thrown;
        failures.push(thrown);
      }
    }
    const lost = failures.find(({ code }) => code !== "not-found");
    throw lost ?? gone(uri);
  };
}

/** Failures of one mirror that say nothing about others. */
const passing: ReadonlySet<string> = new Set(["not-found", "mirror-unreachable", "download-refused"]);

/** The same place in the pool of other mirrors. */
function elsewhere(uri: string, mirrors: readonly string[]): string[] {
  const [, place] = /\/(pool\/.+)$/.exec(uri) ?? [];
  if (place === undefined) return [];
  return mirrors.map((mirror) => `${mirror.replace(/\/+$/, "")}/${place}`).filter((each) => each !== uri);
}

function notFetched(uri: string, offline: boolean): Failure {
  const name = decodeURIComponent(uri.slice(uri.search(/[^/:]*$/)));
  if (!offline) {
    return new Failure(
      "dependency",
      "not-fetched",
      `${name} was on the machine that made the lock, and is not here`,
      {
        hint: "Run `debkiln fetch` there, or build that source by its path.",
      },
    );
  }
  return new Failure("dependency", "not-fetched", `${name} is not here with the checksum that the lock has`, {
    hint: "Run `debkiln fetch` with the lock where there is a network, and name what it makes; --offline downloads nothing.",
    details: { uri },
  });
}

function gone(uri: string): Failure {
  return new Failure(
    "dependency",
    "package-gone",
    `${uri} is no longer there, nor at any mirror that is known`,
    {
      hint: "Name a mirror that still has it: --mirror, or --snapshot with the time when the lock was made.",
      details: { uri },
    },
  );
}
