import type { Readable } from "node:stream";
import type { Digest } from "../base/digest.ts";
import type { Engine } from "../engine/engine.ts";
import type { Removal } from "../engine/removal.ts";
import type { Download } from "../store/download.ts";
import type { Store } from "../store/store.ts";
import type { RemoteCache } from "./remote/remote-cache.ts";

/** How archives are reached. */
export interface Network {
  /** Proxy variables for this process's downloads, and for apt in containers and on the host. */
  readonly proxies: () => Promise<Readonly<Record<string, string>>>;
  /** PEM file of further certificate authorities. */
  readonly caBundle?: string;
}

export interface Freshness {
  /** How old an answer about an InRelease file may be before it is asked again, in milliseconds. */
  readonly maxAgeMs: number;
  /** Never ask: use what is known, however old. */
  readonly frozen: boolean;
}

/** What every piece of work in environments is given: where containers and bytes are, and what bounds it. */
export interface Kiln {
  readonly engine: Engine;
  readonly store: Store;
  readonly download: Download;
  /** Where bytes are looked for before they are downloaded: gives them, or null when they are not there. */
  readonly nearby?: (digest: Digest) => Promise<Readable | null>;
  /** Where environments are shared with other machines; absent where they are not. */
  readonly remote?: RemoteCache;
  readonly network: Network;
  readonly freshness: Freshness;
  /**
   * The OCI runtime of containers in which packages' code runs, and of all others made of environments; undefined for the
   * engine's own. Where only apt, mmdebstrap or git run, with the network that some runtimes do not have, it stays the engine's.
   */
  readonly runtime?: string | undefined;
  /** A random name for this command's run, on every container it makes. */
  readonly run: string;
  readonly signal: AbortSignal;
  /** Takes work that may go on beside the build (commits, removals); its failures are warnings. Awaited before the command ends. */
  readonly background: Background;
}

/** Work that goes on beside the main path. */
export class Background {
  private readonly pending = new Set<Promise<void>>();
  private readonly removals = new Set<Promise<void>>();

  /** Lets the work run on; `failed` hears of its failure. */
  add(work: PromiseLike<unknown>, failed: (thrown: unknown) => void): void {
    const settled = Promise.resolve(work)
      .then(() => undefined, failed)
      .finally(() => this.pending.delete(settled));
    this.pending.add(settled);
  }

  /** Lets a container's removal run on, which the command's end needs to be sure of and no more. */
  leave({ assured, gone }: Removal, failed: (thrown: unknown) => void): void {
    const settled = gone.catch(failed).finally(() => this.removals.delete(settled));
    this.removals.add(settled);
    this.add(assured, () => undefined);
  }

  /** Waits for all of it, and for what that adds at its end. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  /** Waits for all of it, and until the containers whose removal was left to run on are gone. */
  async emptied(): Promise<void> {
    await this.settled();
    await Promise.all(this.removals);
  }
}
