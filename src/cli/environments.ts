import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";
import { formatSize } from "../base/size.ts";
import { countPackages, keptImages } from "../environment/images.ts";
import { type Selection, removeImages, selectImages, shortKey } from "../environment/remove-images.ts";
import { withKiln } from "./kiln.ts";
import { imageRecord, imagesText } from "./render/images.ts";
import type { Session } from "./session.ts";

/** Shows the images that debkiln keeps. */
export async function listEnvironments(session: Session): Promise<void> {
  await withKiln(session, async (kiln) => {
    const named = (await keptImages(kiln)).filter(({ isNamed }) => isNamed);
    const images = await countPackages(kiln, named);
    session.result(imagesText(images, new Date()), images.map(imageRecord));
  });
}

/** Removes the images that are meant. @throws Failure image-in-use (usage) after all others are gone. */
export async function removeEnvironments(session: Session, selection: Selection): Promise<void> {
  await withKiln(session, async (kiln) => {
    const { removed, inUse } = await removeImages(kiln, selectImages(selection, await keptImages(kiln)));
    const bytes = removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const lines = removed.map(
      (each) => `removed ${each.kind} ${shortKey(each)} of ${printableLine(each.target)}\n`,
    );
    session.result(
      `${lines.join("")}${removed.length} removed, about ${formatSize(bytes)} freed\n`,
      removed.map(({ kind, key, target, sizeBytes }) => ({ kind, key, target, sizeBytes })),
    );
    if (inUse.length === 0) return;
    throw new Failure("usage", "image-in-use", `In use by a container: ${inUse.map(shortKey).join(", ")}`, {
      hint: "Wait until the builds that use them are done, then remove them.",
    });
  });
}
