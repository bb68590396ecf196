import type { Task } from "../../base/event.ts";
import { hexOf } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import { printableLine } from "../../base/printable.ts";
import type { Container } from "../../engine/engine.ts";
import { buildDirectory } from "../builder.ts";
import { type KeptImage, keptImages } from "../images.ts";
import type { Kiln } from "../kiln.ts";
import { labels } from "../names.ts";
import type { HandOptions } from "./container.ts";
import { type Visit, visitImage } from "./enter.ts";

/** Where an image that `--keep` made has what was in the build's volume. */
export const keptDirectory = "/failed";

/**
 * Opens a container of a build that was kept, its tree where it was built. The image stays as it is.
 * @throws Failure no-such-failed-build, ambiguous-key (usage), build-tree-missing, no-emulation (infrastructure).
 */
export async function visitFailed(
  kiln: Kiln,
  word: string,
  options: HandOptions,
  task: Task,
): Promise<Visit> {
  const kept = selectFailed(word, await keptImages(kiln));
  const image = await kiln.engine.image(kept.reference);
  if (image === null) throw noSuchBuild(word, []);
  await kiln.store.remember("used", kept.key, { time: Date.now() });
  const visit = await visitImage(kiln, image, kept.target, options, task);
  try {
    await putTreeInPlace(visit.container, kept, kiln.signal);
    return { ...visit, directory: image.labels[labels.tree] ?? buildDirectory };
  } catch (thrown) {
    await visit[Symbol.asyncDispose]();
    throw thrown;
  }
}

/**
 * The build that a word means: the build's name or the beginning of it up to a `_`, of several the newest; else the beginning of
 * its key, or its reference. @throws Failure no-such-failed-build, ambiguous-key (usage).
 */
export function selectFailed(word: string, images: readonly KeptImage[]): KeptImage {
  const builds = images
    .filter(({ kind }) => kind === "failed")
    .toSorted((a, b) => b.created.getTime() - a.created.getTime());
  const [named] = builds.filter(({ target }) => target === word || target.startsWith(`${word}_`));
  if (named !== undefined) return named;
  const hex = word.replace(/^(?:localhost\/debkiln\/failed:|sha256:)/, "").toLowerCase();
  const found = /^[0-9a-f]+$/.test(hex) ? builds.filter(({ key }) => hexOf(key).startsWith(hex)) : [];
  const [only, second] = found;
  if (only === undefined) throw noSuchBuild(word, builds);
  if (second === undefined) return only;
  throw new Failure(
    "usage",
    "ambiguous-key",
    `${found.length} kept builds have keys that begin with ${hex}`,
    {
      hint: `Give more of it: ${found.map(({ key }) => hexOf(key).slice(0, Math.max(12, hex.length + 4))).join(", ")}.`,
    },
  );
}

/** podman makes a volume at /build again, as the build had one: it is filled by a link, which costs nothing. */
async function putTreeInPlace(container: Container, kept: KeptImage, signal: AbortSignal): Promise<void> {
  const from = buildDirectory.replace(/^\/build/, keptDirectory);
  const script = 'test -d "$1" && rm -rf "$2" && ln -s "$1" "$2"';
  const { exitCode } = await container.run(["sh", "-c", script, "sh", from, buildDirectory], { signal });
  if (exitCode === 0) return;
  throw new Failure(
    "infrastructure",
    "build-tree-missing",
    `The image of ${printableLine(kept.target)} has no build tree in ${from}`,
    {
      hint: `Something else made it, or changed it. Remove it: debkiln env rm ${hexOf(kept.key).slice(0, 12)}`,
    },
  );
}

function noSuchBuild(word: string, builds: readonly KeptImage[]): Failure {
  const names = new Set(builds.flatMap(({ target }) => [target, target.replace(/_.*/s, "")]));
  const near = nearest(word, names);
  const newest = [...new Set(builds.map(({ target }) => printableLine(target)))].slice(0, 3);
  return new Failure("usage", "no-such-failed-build", `No build ${printableLine(word)} was kept`, {
    hint:
      near !== null
        ? `Did you mean ${printableLine(near)}?`
        : newest.length > 0
          ? `There are ${newest.join(", ")}: \`debkiln env list\` shows all.`
          : "`debkiln build --keep` keeps the container of a build that fails.",
  });
}
