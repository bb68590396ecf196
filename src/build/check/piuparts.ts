import { type Check, type Ending, type Trial } from "./check.ts";
import { artifactsTar } from "./content.ts";
import type { Verdict } from "./outcome.ts";
import { type BuiltPackage, builtPackages } from "./packages.ts";
import { installableGroups, needsOf } from "./siblings.ts";

/**
 * What piuparts(1) does, in containers: the packages are installed, removed and purged, and the file system is compared with
 * what it was before; then they are installed over the archive's versions and go again.
 */
export const piuparts: Check = {
  name: "piuparts",
  environment: null,
  plan: async (subject, bench) => {
    const built = await builtPackages(subject, bench);
    if (built.length === 0) return { status: "none", summary: "no packages were built" };
    return trialsOf(built);
  },
};

export function trialsOf(built: readonly BuiltPackage[]): readonly Trial[] {
  const groups = installableGroups(built.map(({ control }) => control));
  return groups.flatMap((packages) => {
    const group = built.filter(({ control }) => packages.includes(control));
    const names = packages.map(({ name }) => name);
    const needs = needsOf(packages);
    const old = [...names].toSorted().join(", ");
    const of = groups.length === 1 ? "" : ` of ${names.join(" ")}`;
    return [
      trial(group, `install and purge${of}`, needs, "fresh"),
      {
        ...trial(group, `upgrade${of}`, [needs, old].filter((part) => part !== "").join(", "), "upgrade"),
        unavailable: { status: "none", summary: "the archive has no earlier version" },
      },
    ];
  });
}

function trial(
  group: readonly BuiltPackage[],
  title: string,
  depends: string,
  way: "fresh" | "upgrade",
): Trial {
  const artifacts = group.map(({ artifact }) => artifact);
  return {
    title,
    environment: { request: { depends, conflicts: "" }, architecture: "target" },
    content: [artifactsTar(artifacts)],
    argv: ["sh", "-c", script, way, ...artifacts.map(({ name }) => name)],
    user: "root",
    unavailable: { status: "fail", summary: "its dependencies cannot be installed" },
    judge: way === "fresh" ? judgePiuparts : judgeUpgrade,
  };
}

/** Tells by what it printed last which step failed, and by its marked lines what is other than before. */
export function judgePiuparts({ exitCode, output }: Ending): Verdict {
  const failed = failedStep(exitCode);
  if (failed !== null) return failed;
  const found = [...output.matchAll(/^debkiln: (left|gone|changed) (\/.*)$/gm)].filter(
    ([, , path = ""]) => !ignored.some((pattern) => pattern.test(path)),
  );
  if (found.length === 0) return { status: "pass", summary: "nothing stays after purging" };
  const shown = found.slice(0, 3).map(([, what, path]) => `${path} ${whatWords.get(what ?? "") ?? ""}`);
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : "";
  return { status: "fail", summary: `after purging ${shown.join(", ")}${more}` };
}

/** Of packages that were there before there is no state without them to compare with. */
export function judgeUpgrade({ exitCode }: Ending): Verdict {
  return failedStep(exitCode) ?? { status: "pass", summary: "upgraded, removed and purged" };
}

function failedStep(exitCode: number): Verdict | null {
  if (exitCode === 0) return null;
  const step = steps.get(exitCode);
  if (step === undefined)
    return { status: "error", summary: `the trial itself failed with exit code ${exitCode}` };
  return { status: "fail", summary: `${step} failed` };
}

const steps: ReadonlyMap<number, string> = new Map([
  [10, "installing"],
  [11, "removing"],
  [12, "installing again"],
  [13, "purging"],
]);

const whatWords: ReadonlyMap<string, string> = new Map([
  ["left", "is still there"],
  ["gone", "is gone"],
  ["changed", "has changed"],
]);

/** What dpkg, its triggers and account tools keep for themselves, as piuparts ignores it; accounts may stay (Policy 9.2.2). */
const ignored = [
  /^\/var\/(lib\/(dpkg|apt|ucf)|cache\/(apt|debconf|ldconfig|man|fontconfig)|log\/apt)(\/|$)/,
  /^\/var\/log\/(dpkg|alternatives|fontconfig)\.log$/,
  /^\/var\/lib\/systemd\/deb-systemd-helper-(enabled|masked)(\/|$)/,
  /^\/etc\/(ld\.so\.cache|\.pwd\.lock|(passwd|group|shadow|gshadow|subuid|subgid)-?)(#content)?$/,
  /^\/(home|var\/mail|var\/spool\/mail)(\/|$)/,
  /^\/usr\/share\/info\/dir(\.old)?$/,
  /\/__pycache__(\/|$)/,
];

const script = `
names=$(for deb; do dpkg-deb --field "$deb" Package; done)
snapshot() {
  { find / -xdev \\( -path /build -o -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp \\) -prune \\
      -o -type d -printf '%p\\t%y %#m %U:%G\\n' -o -printf '%p\\t%y %#m %U:%G %s %l\\n'
    find /etc -xdev -type f -exec sha256sum {} + | sed 's/^\\([^ ]*\\)  \\(.*\\)$/\\2#content\\t\\1/'
  } | LC_ALL=C sort > "/build/$1"
}
step() { printf '\\n--- %s\\n' "$*"; "$@"; }
[ "$0" = upgrade ] || snapshot before
step dpkg --force-unsafe-io --auto-deconfigure --install "$@" || exit 10
step dpkg --force-unsafe-io --remove $names || exit 11
step dpkg --force-unsafe-io --auto-deconfigure --install "$@" || exit 12
step dpkg --force-unsafe-io --purge $names || exit 13
[ "$0" = upgrade ] && exit 0
snapshot after
awk -F '\\t' '
  NR == FNR { before[$1] = $2; next }
  { after[$1] = 1 }
  !($1 in before) { print "debkiln: left " $1; next }
  before[$1] != $2 { print "debkiln: changed " $1 }
  END { for (path in before) if (!(path in after)) print "debkiln: gone " path }' /build/before /build/after
`;
