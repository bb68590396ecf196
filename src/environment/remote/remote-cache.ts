import type { Readable } from "node:stream";
import type { Digest } from "../../base/digest.ts";
import { hexOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import type { Image } from "../../engine/engine.ts";
import type { ImageConfig } from "../../oci/image-spec.ts";

/** An image that others have left under a tag. Nothing that it says of itself counts until it has been checked. */
export interface Offer {
  /** The image by its digest, such as `registry.example/cache@sha256:...`. */
  readonly origin: string;
  readonly config: ImageConfig;
  /** Puts its layers into the engine as an image with these labels, and nothing else of its configuration. */
  readonly load: (target: Loaded, task: Task) => Promise<Image>;
  /** The tar of its one layer, compared with its diff id when it ends. */
  readonly rootfs: () => Readable;
  /** Says that it is not used, and why. */
  readonly passOver: (why: string, task: Task) => void;
}

/** What an offer becomes in the engine. */
export interface Loaded {
  readonly reference: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An image of the engine that others are to find. */
export interface Contribution {
  readonly tag: string;
  /** In the engine. */
  readonly reference: string;
  readonly labels: () => Readonly<Record<string, string>>;
  /** Of a base: what its one layer is, and whether its tag leads to the newest and so moves. */
  readonly base?: { readonly digest: Digest; readonly architecture: string; readonly isNewest: boolean };
}

/** Where bases and environments are shared with other machines: repositories of registries. */
export interface RemoteCache {
  /** What lies under a tag, from one repository after the other. What cannot be had is passed over with a warning. */
  readonly offers: (tag: string, task: Task) => AsyncIterable<Offer>;
  /** Leaves an image for others when the command ends. */
  readonly contribute: (contribution: Contribution) => void;
}

/** The tag of an environment by its key. */
export function environmentTag(key: Digest): string {
  return `environment-${hexOf(key)}`;
}

/** The tag of a base by what it is made of. */
export function baseTag(key: Digest): string {
  return `base-${hexOf(key)}`;
}

/** The tag of a target's newest base, whatever the archive was then. */
export function latestBaseTag(key: Digest): string {
  return `base-latest-${hexOf(key)}`;
}
