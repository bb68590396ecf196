import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { readContent } from "../tree/tree.ts";
import type { TreeView } from "../tree/view.ts";
import { type Component, systemComponents } from "./component.ts";

/** How often a component is expected to change, per day. */
export type ChangeRates = ReadonlyMap<string, number>;

/** Of a source whose changelog is not in the tree, and of files that nobody owns: about once in three months. */
export const neutralRate = 4 / 365;

/** What changes whenever anything else does. */
const restless: ReadonlySet<string> = new Set([
  systemComponents.dpkg,
  systemComponents.rest,
  systemComponents.definition,
  systemComponents.initramfs,
  systemComponents.uki,
]);

/**
 * Estimates how often components change, from the changelogs that their packages have in the tree: on how many days of the
 * year before its newest entry a source was uploaded. The estimate moves only when the package itself does.
 */
export async function changeRatesOf(components: readonly Component[], view: TreeView): Promise<ChangeRates> {
  const rates = new Map<string, number>();
  for (const component of components) {
    const { name } = component;
    rates.set(name, restless.has(name) ? 1 : ((await changelogRate(component, view)) ?? neutralRate));
  }
  return rates;
}

async function changelogRate({ packages }: Component, view: TreeView): Promise<number | null> {
  for (const { name } of packages) {
    const text = await changelogOf(name, view);
    const days = text === null ? [] : uploadDays(text);
    const newest = Math.max(...days);
    if (days.length > 0) return new Set(days.filter((day) => day > newest - daysOfYear)).size / daysOfYear;
  }
  return null;
}

const daysOfYear = 365;
const dayMs = 24 * 3_600_000;

/** Where packages have their source's changelog (Debian Policy 12.7); native packages have no Debian.gz. */
const changelogNames = ["changelog.Debian.gz", "changelog.gz", "changelog.Debian", "changelog"];

/** More than any changelog has, unpacked, in bytes. */
const largestChangelog = 16 << 20;

async function changelogOf(packageName: string, view: TreeView): Promise<string | null> {
  for (const name of changelogNames) {
    const file = view.stat(`usr/share/doc/${packageName}/${name}`);
    if (file?.type !== "file" || file.sizeBytes > largestChangelog) continue;
    const bytes = await readContent(file);
    const text = name.endsWith(".gz") ? await unzipped(bytes) : Buffer.from(bytes);
    if (text !== null) return text.toString("utf8");
  }
  return null;
}

/** Null for what is no gzip or absurdly large: a rate is only an estimate. */
async function unzipped(bytes: Uint8Array): Promise<Buffer | null> {
  return await promisify(gunzip)(bytes, { maxOutputLength: largestChangelog }).catch(() => null);
}

/** The days, counted from the epoch, of a changelog's entries, by their trailers (deb-changelog(5)). */
function uploadDays(text: string): readonly number[] {
  return [...text.matchAll(/^ -- .*> {2}(.*)$/gm)]
    .map(([, date = ""]) => Math.floor(new Date(date).getTime() / dayMs))
    .filter((day) => !Number.isNaN(day));
}
