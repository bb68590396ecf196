import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/** What `bootc install`, bootc-image-builder and older bootc look for: without it they refuse the image. */
const bootable = { "containers.bootc": "1", "ostree.bootable": "1" } as const;

/**
 * The labels of the image's config, sorted; time and source are the build's to add.
 * @throws Failure definition-conflict (usage) for labels that make the image bootable, with another value.
 */
export function labelsOf({ blueprint, place }: Definition): Readonly<Record<string, string>> {
  const { name, version, description, bootc } = blueprint;
  for (const [key, value] of Object.entries(bootable)) {
    const given = bootc.labels[key];
    if (given === undefined || given === value) continue;
    throw problem(place, ["bootc", "labels", key], {
      code: "definition-conflict",
      message: `the label ${key} is ${value} for every bootc image, not ${JSON.stringify(given)}`,
      hint: "Leave it out.",
    });
  }
  return sortedRecord({
    ...bootable,
    "org.opencontainers.image.title": name,
    "org.opencontainers.image.version": version,
    ...(description === "" ? {} : { "org.opencontainers.image.description": description }),
    ...bootc.labels,
  });
}

/** Annotations repeat what labels say of the image, for those who read no config (image-spec, annotations.md). */
export function annotationsOf(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return sortedRecord(
    Object.fromEntries(Object.entries(labels).filter(([key]) => key.startsWith("org.opencontainers.image."))),
  );
}

function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
