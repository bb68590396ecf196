import { throwIfAborted } from "../../base/event.ts";
import { asFailure } from "../../base/failure.ts";
import type { BuildType } from "../sbuild-log.ts";
import { type Check, type CheckBench, type Ending, type Subject, type Trial } from "./check.ts";
import { type CheckFile, artifactsTar, fileTar, sourceTar } from "./content.ts";
import type { Verdict } from "./outcome.ts";
import { archivedPackages } from "./packages.ts";

/**
 * What reprotest(1) does: the source is built once more in the same environment, under another path, by another user, in
 * another locale and time zone, a year later, on one processor and with its files in another order, and must come to the same bytes.
 */
export const reprotest: Check = {
  name: "reprotest",
  environment: null,
  plan: async (subject, bench) => {
    const [clock, memoryBytes] = await Promise.all([otherClock(bench), memoryFor(subject, bench)]);
    const none = { status: "none", summary: "no packages were built" } as const;
    return secondBuild(subject, { clock, memoryBytes }) ?? none;
  },
};

/** How the second build departs from the first one, as far as that depends on what there is. */
export interface Departure {
  readonly clock: CheckFile | null;
  /** How large the file system in memory is that it is done in; null for on the disk. */
  readonly memoryBytes: number | null;
}

/**
 * Directories of a file system in memory are read in another order than those on a disk: tmpfs gives the newest first, and ext4
 * sorts by a hash whatever the order was in which files were made. (disorderfs would need /dev/fuse and the right to mount.) A build
 * that would take more than a quarter of the memory is done on the disk.
 */
async function memoryFor({ spaceKib }: Subject, { place, task }: CheckBench): Promise<number | null> {
  const about = await place.about();
  const memory = Math.min(about?.memoryBytes ?? 0, place.request.limits.memoryBytes ?? Infinity);
  const most = Math.floor(memory / 2);
  if (spaceKib !== null && spaceKib * 1024 * 2 < most) return most;
  task.note(
    "the second build is done on the disk, where files may come in the same order: it is too large for memory",
  );
  return null;
}

/**
 * Debian's package of libfaketime, which the second build gets beside its environment and not in it. Null where it cannot be had, as
 * offline; that is told.
 */
async function otherClock(bench: CheckBench): Promise<CheckFile | null> {
  const { kiln } = bench.place;
  try {
    const [found] = await archivedPackages(["libfaketime"], bench);
    if (found !== undefined)
      return {
        name: clockFile,
        sizeBytes: found.sizeBytes,
        content: () => kiln.store.openChecked(found.sha256),
      };
    bench.task.note("the second build has the same clock: the archive has no libfaketime");
  } catch (thrown) {
    throwIfAborted(kiln.signal);
    bench.task.note(`the second build has the same clock: ${asFailure(thrown).message}`);
  }
  return null;
}

const clockFile = "second-clock";
const secondPlace = "/build/second";

/** The second build; null when no packages were built. */
export function secondBuild(subject: Subject, { clock, memoryBytes }: Departure): readonly [Trial] | null {
  const { source, build, artifacts } = subject;
  const type = binaryTypes.get(build.buildType);
  const expected = artifacts.filter(({ kind }) => kind === "deb" || kind === "udeb" || kind === "ddeb");
  if (type === undefined || expected.length === 0) return null;
  const sums = expected.map(({ name, sha256 }) => ({ name, hex: sha256.slice("sha256:".length) }));
  const words = Object.entries(variedEnvironment(build.environment)).map(
    ([name, value]) => `${name}=${value}`,
  );
  return [
    {
      title: "second build",
      environment: {
        request: build.dependencies,
        locked: subject.locked,
        architecture: "target",
        provisions: "build",
        ...(memoryBytes === null ? {} : { tmpfs: { path: secondPlace, sizeBytes: memoryBytes } }),
      },
      content: [sourceTar(source), ...(clock === null ? [] : [fileTar([clock])])],
      argv: ["sh", "-c", script, "sh", source.dscName ?? "", source.treeName, type, ...words],
      user: "root",
      judge: (ending) => judgeSecondBuild(ending, sums),
      unavailable: { status: "error", summary: "the build's environment cannot be had any more" },
      next: (verdict, take) => (verdict.status === "fail" ? differences(subject, take) : null),
    },
  ];
}

/** dpkg-buildpackage's word for the binary packages of a build. */
const binaryTypes: ReadonlyMap<BuildType, string> = new Map([
  ["binary", "binary"],
  ["full", "binary"],
  ["any", "any"],
  ["source,any", "any"],
  ["all", "all"],
  ["source,all", "all"],
]);

/** The time zone is POSIX's own form, which needs no tzdata: 14 hours east. */
function variedEnvironment(first: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const options = (first["DEB_BUILD_OPTIONS"] ?? "")
    .split(/\s+/)
    .filter((word) => !/^(parallel=.*)?$/.test(word));
  return {
    ...first,
    DEB_BUILD_OPTIONS: [...options, "parallel=1"].join(" "),
    LC_ALL: first["LC_ALL"] === "C.UTF-8" ? "C" : "C.UTF-8",
    TZ: "VAR-14",
    HOME: "/nonexistent/second-build",
    USER: "second",
    LOGNAME: "second",
  };
}

/** Which packages came out with other bytes. */
export function judgeSecondBuild(
  { exitCode, output }: Ending,
  expected: readonly { readonly name: string; readonly hex: string }[],
): Verdict {
  if (exitCode === 21) return { status: "fail", summary: "the second build failed" };
  if (exitCode === 22) return { status: "error", summary: "the second build has filled its disk" };
  if (exitCode !== 0)
    return { status: "error", summary: `the trial itself failed with exit code ${exitCode}` };
  const found = new Map(
    [...output.matchAll(/^debkiln: ([0-9a-f]{64}) {2}(\S+)$/gm)].map(([, hex, name]) => [name, hex]),
  );
  const differing = expected.filter(({ name, hex }) => found.get(name) !== hex);
  const total = `${expected.length} ${expected.length === 1 ? "package" : "packages"}`;
  if (differing.length === 0) return { status: "pass", summary: `the same bytes again, of ${total}` };
  const names = differing.map(({ name }) => name).join(", ");
  return { status: "fail", summary: `${differing.length} of ${total} came out otherwise: ${names}` };
}

/** diffoscope(1) of both builds. It judges nothing: that they differ is known. */
function differences({ artifacts }: Subject, take: (path: string) => Trial["content"][number]): Trial {
  return {
    title: "diffoscope",
    environment: { tool: "diffoscope", architecture: "engine" },
    content: [take(secondResults), artifactsTar(artifacts)],
    argv: ["sh", "-c", diffoscope],
    user: "builder",
    judge: ({ exitCode }) =>
      exitCode <= 1
        ? { status: "pass", summary: "shows where they differ" }
        : { status: "error", summary: `diffoscope itself failed with exit code ${exitCode}` },
    unavailable: { status: "none", summary: "the archive has no diffoscope" },
  };
}

const secondResults = "/build/second-results";

const diffoscope = `
result=0
for second in second-results/*; do
  cmp -s "\${second##*/}" "$second" && continue
  diffoscope --no-progress --max-text-report-size 1000000 --text - "\${second##*/}" "$second" || { code=$?; [ $code -le $result ] || result=$code; }
done
exit $result`;

/**
 * Directories are made before their files, and files in such an order that they are read in the reverse of their names', where the
 * file system has the order of time, and not in that of a source's tar. The clock is 373 days, 7 hours and 13
 * minutes ahead, as reprotest has it: another year, month, day, hour and minute. What files say of their own times stays true, for
 * make(1), and so does the monotonic clock, for whoever waits.
 */
const script = `
dsc=$1 tree=$2 type=$3; shift 3
clock=
if [ -f ${clockFile} ]; then
  dpkg-deb -x ${clockFile} /build/${clockFile} && rm ${clockFile} || exit 20
  clock=$(find /build/${clockFile} -name libfaketime.so.1) && [ -n "$clock" ] || exit 20
fi
[ -z "$dsc" ] || dpkg-source --no-check -x "$dsc" "$tree" > /dev/null || exit 20
echo second:x:4321:4321::/nonexistent/second-build:/bin/sh >> /etc/passwd
echo second:x:4321: >> /etc/group
mkdir -p ${secondPlace}/a/longer/path /build/second-results && place=${secondPlace}/a/longer/path || exit 20
order=-r; [ "$(stat -f -c %T ${secondPlace})" != tmpfs ] || order=
find . -type d > /tmp/directories && find . ! -type d | LC_ALL=C sort $order > /tmp/files || exit 20
tar -c --no-recursion -T /tmp/directories -f - | tar -x -C $place -f - || exit 20
tar -c --no-recursion -T /tmp/files -f - | tar -x -C $place -f - || exit 20
chown -R second:second $place
one=$(taskset -pc $$ 2> /dev/null | sed 's/.*: *//; s/[-,].*//')
cd "$place/$tree" || exit 20
taskset -c "\${one:-0}" setpriv --reuid=second --regid=second --clear-groups \\
  env -i "$@" \${clock:+LD_PRELOAD=$clock FAKETIME=+32253180 NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1} \\
  sh -c 'umask 022; exec dpkg-buildpackage --sanitize-env -us -uc --build="$1"' sh "$type" || {
  [ "$(df --output=avail ${secondPlace} | tail -1)" -gt 1024 ] || exit 22
  exit 21
}
cd .. && for each in *.deb *.udeb *.ddeb; do
  [ -f "$each" ] && [ ! -L "$each" ] && cp --no-preserve=all "$each" /build/second-results/
done
cd /build/second-results && sha256sum -- * | sed 's/^/debkiln: /'
exit 0
`;
