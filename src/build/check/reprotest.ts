import type { BuildType } from "../sbuild-log.ts";
import { type Check, type Ending, type Subject, type Trial } from "./check.ts";
import { artifactsTar, sourceTar } from "./content.ts";
import type { Verdict } from "./outcome.ts";

/**
 * What reprotest(1) does: the source is built once more in the same environment, under another path, by another user, in
 * another locale and time zone, later, on one processor and with its files in another order, and must come to the same bytes.
 */
export const reprotest: Check = {
  name: "reprotest",
  environment: null,
  plan: (subject) => {
    const trial = secondBuild(subject);
    return Promise.resolve(trial ?? { status: "none", summary: "no packages were built" });
  },
};

export function secondBuild(subject: Subject): readonly [Trial] | null {
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
      environment: { request: build.dependencies, architecture: "target" },
      content: [sourceTar(source)],
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
    environment: { request: { depends: "diffoscope-minimal", conflicts: "" }, architecture: "engine" },
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

/** Directories are made before their files, and files in the reverse of their names' order. */
const script = `
dsc=$1 tree=$2 type=$3; shift 3
[ -z "$dsc" ] || dpkg-source --no-check -x "$dsc" "$tree" > /dev/null || exit 20
echo second:x:4321:4321::/nonexistent/second-build:/bin/sh >> /etc/passwd
echo second:x:4321: >> /etc/group
mkdir -p /build/second/a/longer/path /build/second-results && place=/build/second/a/longer/path || exit 20
find . -type d > /tmp/directories && find . ! -type d | LC_ALL=C sort -r > /tmp/files || exit 20
tar -c --no-recursion -T /tmp/directories -f - | tar -x -C $place -f - || exit 20
tar -c --no-recursion -T /tmp/files -f - | tar -x -C $place -f - || exit 20
chown -R second:second $place
one=$(taskset -pc $$ 2> /dev/null | sed 's/.*: *//; s/[-,].*//')
cd "$place/$tree" || exit 20
taskset -c "\${one:-0}" setpriv --reuid=second --regid=second --clear-groups \\
  env -i "$@" sh -c 'umask 022; exec dpkg-buildpackage --sanitize-env -us -uc --build="$1"' sh "$type" || exit 21
cd .. && for each in *.deb *.udeb *.ddeb; do
  [ -f "$each" ] && [ ! -L "$each" ] && cp --no-preserve=all "$each" /build/second-results/
done
cd /build/second-results && sha256sum -- * | sed 's/^/debkiln: /'
exit 0
`;
