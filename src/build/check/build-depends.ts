import { parseRelations } from "../../debian/relation.ts";
import { type InstalledPackage, type UsedPackages, judgeDependencies } from "./dependency-use.ts";
import { type Check, type Ending, type Subject, type Trial } from "./check.ts";
import { sourceTar } from "./content.ts";
import type { Verdict } from "./outcome.ts";

/**
 * Which of the Build-Depends a build has no use for, and which packages it uses the headers of that it does not ask for: the
 * source is built once more, with strace(1) beside its build dependencies, which tells what was opened.
 */
export const buildDepends: Check = {
  name: "build-depends",
  environment: null,
  plan: (subject) => Promise.resolve([tracedBuild(subject)]),
};

export function tracedBuild({ source, build }: Subject): Trial {
  const { depends, conflicts } = build.dependencies;
  const type = build.buildType.replace(/^full$|^source,/, "");
  const words = Object.entries(build.environment).map(([name, value]) => `${name}=${value}`);
  return {
    title: "traced build",
    environment: {
      tool: "strace",
      request: { depends, conflicts },
      architecture: "target",
      provisions: "build",
    },
    content: [sourceTar(source)],
    argv: ["sh", "-c", script, "sh", source.dscName ?? "", source.treeName, type, ...words],
    user: "root",
    judge: (ending) => judgeTrace(ending, depends),
  };
}

/** What the trace comes to, for the relations that were asked for. */
export function judgeTrace({ exitCode, output }: Ending, depends: string): Verdict {
  if (exitCode === 21) return { status: "error", summary: "the build fails when it is traced" };
  if (exitCode !== 0)
    return { status: "error", summary: `the trial itself failed with exit code ${exitCode}` };
  const relations = parseRelations(depends, "Build-Depends");
  return judgeDependencies(relations, installedIn(output), usedIn(output));
}

function usedIn(output: string): UsedPackages {
  const named = (kind: string) =>
    new Set([...output.matchAll(new RegExp(`^debkiln: ${kind} (\\S+)$`, "gm"))].map(([, name = ""]) => name));
  return { files: named("used"), headers: named("header") };
}

function installedIn(output: string): readonly InstalledPackage[] {
  const lines = output.matchAll(/^debkiln: package ([^\t\n]+)\t([^\t\n]*)\t([^\t\n]*)\t([^\t\n]*)$/gm);
  return [...lines].map(([, name = "", essential, provides = "", needs = ""]) => ({
    name,
    isEssential: essential === "yes",
    provides: namesOf(provides),
    needs: namesOf(needs),
  }));
}

/** What dpkg prints is well-formed: the names alone are wanted. */
function namesOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]+)/g)].map(([, name = ""]) => name);
}

/** What is opened or run is told by strace to awk as it happens, so that no trace is written anywhere. */
const script = `
dsc=$1 tree=$2 type=\${3:-binary}; shift 3
[ -z "$dsc" ] || dpkg-source --no-check -x "$dsc" "$tree" > /dev/null || exit 20
mkdir -p /build/traced && cp -a . /build/traced/ && chown -R builder:builder /build/traced && cd "/build/traced/$tree" || exit 20
setpriv --reuid=builder --regid=builder --clear-groups env -i "$@" \\
  strace -f -qq --seccomp-bpf -s 4096 -e trace=open,openat,execve -e status=successful -e signal=none \\
  -o '|awk -F\\" "substr(\\$2, 1, 1) == \\"/\\" && !seen[\\$2]++ { print \\$2 }" > /build/traced/opened' \\
  sh -c 'umask 022; exec dpkg-buildpackage --sanitize-env -us -uc --build="$1"' sh "$type" || exit 21
cd /var/lib/dpkg/info || exit 20
xargs -d '\\n' realpath -ms -- < /build/traced/opened | sed -n 'p; s,^/\\(bin\\|sbin\\|lib\\|lib32\\|lib64\\)/,/usr/\\1/,p; s,^/usr/\\(bin\\|sbin\\|lib\\)/,/\\1/,p' | sort -u |
  while read -r path; do [ -d "$path" ] || printf '%s\\n' "$path"; done > /build/used
grep -Fxf /build/used -- *.list | awk -F '[.]list:' '{
  name = $1; sub(/:.*/, "", name)
  if (!used[name]++) print "debkiln: used " name
  if ($2 ~ /^\\/usr\\/(include|lib\\/[^\\/]*\\/pkgconfig|share\\/pkgconfig)\\// && !header[name]++) print "debkiln: header " name
}'
dpkg-query -W -f 'debkiln: package \${Package}\\t\${Essential}\\t\${Provides}\\t\${Pre-Depends}, \${Depends}\\n'
exit 0
`;
