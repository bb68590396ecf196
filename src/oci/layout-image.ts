import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { printableLine } from "../base/printable.ts";
import type { Descriptor } from "./image-spec.ts";
import { type Layout, referenceName } from "./layout.ts";

/**
 * The image of a layout, or of an archive, that has a name there, or its only one. @throws Failure no-such-image (usage), bad-layout.
 */
export async function imageOf(
  layout: Pick<Layout, "index" | "directory">,
  name: string | null,
): Promise<Descriptor> {
  const { manifests } = await layout.index();
  const fitting = manifests.filter((each) => name === null || each.annotations?.[referenceName] === name);
  const [found, ...others] = fitting;
  if (found !== undefined && others.every(({ digest }) => digest === found.digest)) return found;
  const names = manifests.flatMap((each) => each.annotations?.[referenceName] ?? []).map(printableLine);
  const message =
    name === null
      ? `${layout.directory} holds ${fitting.length === 0 ? "no image" : "several images"}`
      : `${layout.directory} holds ${fitting.length === 0 ? "no image" : "several images"} named "${printableLine(name)}"`;
  throw new Failure("usage", "no-such-image", message, {
    hint: hintOf(name, names),
    details: { names },
  });
}

function hintOf(name: string | null, names: readonly string[]): string {
  if (names.length === 0) return "Build or pull an image into it first.";
  const near = name === null ? null : nearest(name, names);
  return near === null ? `Say which, as DIRECTORY:NAME: ${names.join(", ")}.` : `Did you mean ${near}?`;
}
