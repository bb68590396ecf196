import { type Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Store } from "../../store/store.ts";
import { type Place, parseLayoutPlace, parsePlace } from "../place.ts";
import { saveImage } from "../save.ts";
import { readDirectory } from "../tree/read-directory.ts";
import type { Subject } from "./lint.ts";
import { mendDirectory } from "./mend-directory.ts";
import { mendImage } from "./mend-image.ts";
import { type Mended, mendRoot } from "./mend.ts";
import type { Opened } from "./open-subject.ts";
import type { LintOptions } from "./run.ts";

/** Where a mended image may go. */
export type MendedPlace = Extract<Place, { readonly kind: "layout" | "oci-archive" | "docker-archive" }>;

export interface MendRequest {
  /** As the user named it. */
  readonly place: string;
  readonly opened: Opened;
  readonly subject: Subject;
  readonly options: LintOptions;
  /** For an image; null for a directory, which is mended in place. */
  readonly output: MendedPlace | null;
  readonly store: Store;
}

export interface MendOutcome {
  readonly steps: Mended["steps"];
  /** What is there now. */
  readonly opened: Opened;
}

/**
 * Mends a directory in place, and reads it anew; or writes a mended image elsewhere, which has a layer more.
 * @throws Failure not-mendable, link-in-the-way (usage), and what writing raises.
 */
export async function mendOpened(
  request: MendRequest,
  task: Task,
  signal: AbortSignal,
): Promise<MendOutcome> {
  const { place, opened, output, store } = request;
  requireMendable(request);
  const { steps, subject } = await mendRoot(request.subject, request.options);
  task.summary = steps.length === 0 ? "nothing to mend" : steps.map(({ lint }) => lint).join(", ");
  if (opened.image !== null && output !== null) {
    const after = { tree: subject.view.tree, config: subject.config ?? opened.image.config };
    const mended = await mendImage(opened.image, opened.tree, after, store, signal);
    await saveImage(mended, output, task, signal);
    return { steps, opened: { ...opened, ...after } };
  }
  await mendDirectory(
    place,
    steps.flatMap(({ repairs }) => repairs),
  );
  return { steps, opened: { ...opened, ...(await readDirectory(place, task, signal)) } };
}

/** Where a mended image goes: a layout as `[oci:]DIRECTORY[:NAME]`, or an archive. @throws Failure bad-place, not-mendable (usage). */
export function parseMendedPlace(text: string): MendedPlace {
  const place = /^(?:oci-archive|docker-archive):/.test(text) ? parsePlace(text) : parseLayoutPlace(text);
  if (place.kind === "registry" || place.kind === "engine")
    throw notMendable(
      "A mended image goes into a layout or an archive",
      "Push it from there: debkiln image push.",
    );
  return place;
}

function requireMendable({ place, opened: { kind }, output }: MendRequest): void {
  if (kind === "tar") throw notMendable(`${place} is a tar`, "Unpack it, and mend the directory.");
  if (kind === "directory" && output !== null)
    throw notMendable("A directory is mended in place", "Leave out --output, or mend a copy.");
  if (kind === "image" && output === null)
    throw notMendable("An image is never changed", "Say where the mended one goes: --output mended.oci.");
}

function notMendable(message: string, hint: string): Failure {
  return new Failure("usage", "not-mendable", message, { hint });
}
