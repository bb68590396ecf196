import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { freeName } from "../read.ts";
import type { Repair } from "../repair.ts";
import { tmpfilesLines } from "../tmpfiles-lines.ts";

/** Where the links are to lead. */
const homes: Readonly<Record<string, string>> = {
  home: "var/home",
  root: "var/roothome",
  srv: "var/srv",
  mnt: "var/mnt",
  media: "run/media",
};
/** What is in /root goes there, to be copied to where /root leads. */
const factory = "usr/share/factory/roothome";
const lineFile = "usr/lib/tmpfiles.d/zz-debkiln-home";

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
    const faults = Object.keys(homes).flatMap((path) => faultOf(view, path, made) ?? []);
    return complaintOf(
      [{ header: "Found directories that cannot be written on a running system", items: faults }],
      { repairs: repairsOf(view) },
    );
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

/** Places that lines make, or fill from a factory copy. */
async function declaredDirectories(view: TreeView): Promise<ReadonlySet<string>> {
  const lines = await tmpfilesLines(view);
  const places = lines.filter(({ type }) => /^[CdDvqQ]/.test(type)).map(({ path }) => view.resolve(path));
  return new Set(places.filter((place) => place !== null));
}

/** Links for directories in which nothing is, and for /root with what is in it. */
function repairsOf(view: TreeView): readonly Repair[] {
  const plain = Object.entries(homes).filter(
    ([path]) => view.lstat(path)?.type === "directory" && (path === "root" || view.names(path).length === 0),
  );
  const movable = plain.filter(([path]) => path !== "root" || view.lstat(factory) === null);
  const repairs = movable.flatMap(([path, target]): readonly Repair[] => [
    path === "root" ? { do: "move", path, to: factory } : { do: "remove", path },
    { do: "symlink", path, target },
  ]);
  const text = movable.map(([path, target]) => lineFor(path, target)).join("");
  const lines: Repair = { do: "write", path: freeName(view, lineFile), mode: 0o644, text };
  return repairs.length === 0 ? [] : [...repairs, lines];
}

function lineFor(path: string, target: string): string {
  if (path === "media") return "";
  return path === "root" ? `C /${target} 0700 root root - /${factory}\n` : `d /${target} 0755 root root -\n`;
}
