import type { Plugin, ReportedBuild } from "../plugin.ts";

/** Which packages were installed before and after the build, as dpkg itself says: Mock's package_state. */
export const packageState: Plugin = {
  apiVersion: 1,
  name: "package-state",
  probes: [
    {
      name: "before",
      when: "before",
      argv: ["dpkg-query", "-W", "-f", "${Package}:${Architecture} ${Version} ${Installed-Size}\\n"],
    },
    {
      name: "after",
      when: "after",
      argv: ["dpkg-query", "-W", "-f", "${Package}:${Architecture} ${Version} ${Installed-Size}\\n"],
    },
  ],
  report: (build) => {
    const before = packagesOf(build, "before");
    if (before === null) return { lines: ["not known: there was no container to look into"] };
    const after = packagesOf(build, "after");
    const added = before.length - build.base.length;
    const changes = after === null ? null : difference(before, after);
    return {
      lines: [`${before.length} packages, ${added} beyond the base; ${changeText(changes)}`],
      files: [
        { ending: "installed.log", text: before.map((line) => `${line}\n`).join("") },
        ...(changes === null || changes.length === 0
          ? []
          : [{ ending: "changes.log", text: changes.map((line) => `${line}\n`).join("") }]),
      ],
    };
  },
};

function packagesOf({ answers }: ReportedBuild, name: "before" | "after"): string[] | null {
  const answer = answers[name];
  if (answer === undefined || answer.exitCode !== 0) return null;
  return answer.output
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
}

/** Lines that are only in one of them, with `-` or `+` before. */
function difference(before: readonly string[], after: readonly string[]): string[] {
  const [old, current] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !current.has(line)).map((line) => `-${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+${line}`),
  ];
}

function changeText(changes: readonly string[] | null): string {
  if (changes === null) return "what there was after the build is not known";
  return changes.length === 0 ? "the same after the build" : `${changes.length} changes during the build`;
}
