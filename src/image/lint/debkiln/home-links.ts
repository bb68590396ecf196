import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { tmpfilesLines } from "../tmpfiles-lines.ts";

const homes = ["home", "root", "srv", "mnt", "media"];

/** The root file system is read-only on a running system: what people write must lie in /var. */
export const homeLinks: Lint = {
  name: "home-links",
  type: "warning",
  origin: "debkiln",
  description:
    "/home, /root, /srv, /mnt and /media are relative links into /var or /run, or have mount units, and something makes their targets.",
  hint: "Make them links such as home -> var/home, and declare each target with a line d of tmpfiles.d. debkiln image build does it.",
  check: async ({ view }) => {
    const made = await declaredDirectories(view);
    const items = homes.flatMap((path) => faultOf(view, path, made) ?? []);
    return complaintOf([{ header: "Found directories that cannot be written on a running system", items }]);
  },
};

function faultOf(view: TreeView, path: string, made: ReadonlySet<string>): string | null {
  const entry = view.lstat(path);
  if (entry === null) return null;
  if (entry.type !== "symlink") {
    const units = ["usr/lib", "etc"].map((base) => `${base}/systemd/system/${path}.mount`);
    return units.some((unit) => view.stat(unit) !== null) ? null : `/${path} (it is no link)`;
  }
  if (entry.target.startsWith("/")) return `/${path} (its link is not relative: ${entry.target})`;
  const target = view.resolve(entry.target);
  if (target === null || !/^(?:var|run)\//.test(target)) return `/${path} (it leads to ${entry.target})`;
  if (target.startsWith("run/") || made.has(target) || view.stat(target) !== null) return null;
  return `/${path} (nothing makes /${target})`;
}

async function declaredDirectories(view: TreeView): Promise<ReadonlySet<string>> {
  const lines = await tmpfilesLines(view);
  const places = lines.filter(({ type }) => /^[dDvqQ]/.test(type)).map(({ path }) => view.resolve(path));
  return new Set(places.filter((place) => place !== null));
}
