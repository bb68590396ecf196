import { readFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { execa } from "execa";
import type { Row } from "./scenarios.ts";

/** The page of figures: one run on one machine, as ratios. */
export async function reportText(rows: readonly Row[]): Promise<string> {
  return `# Benchmarks

Made by \`npm run bench\`: what a row compares was measured in one run on one machine, one thing after the other, with the median of
several runs where a run is short. What counts are the ratios; the seconds are of that machine.

${await machineText()}

| what | debkiln | compared with | its figure | ratio | goal | met |
| --- | ---: | --- | ---: | ---: | ---: | --- |
${rows.map(rowText).join("\n")}

- *sbuild* runs with \`--chroot-mode=unshare\` on a tarball that is kept; it unpacks that tarball, updates the indices and installs
  the build dependencies for every build, and lintian too, which it runs by default as debkiln does. Chains are compared without
  lintian.
- *bare* is \`dpkg-buildpackage\` by hand in a container that already runs and has everything.
- *mmdebstrap and dracut* installs the same packages and makes the same kind of initramfs, and writes one tar.
- "times faster" goals are ratios of the other figure to debkiln's; all others are ratios of debkiln's to the other.
`;
}

/** Whether a row reaches its goal. */
export function isMet(row: Row): boolean {
  const { kind, value } = row.goal;
  return kind === "at-most" ? ratioOf(row) <= value : ratioOf(row) >= value;
}

function ratioOf({ ours, rival, goal }: Row): number {
  if (rival === null) return ours;
  return goal.kind === "at-least" ? rival.figure / ours : ours / rival.figure;
}

/** A row of the page's table. */
export function rowText(row: Row): string {
  const { what, ours, rival, unit, goal } = row;
  const figure = (value: number) =>
    unit === "s" ? `${value.toFixed(2)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  const goalText =
    goal.kind === "at-least"
      ? `${goal.value} times faster`
      : rival === null
        ? figure(goal.value)
        : `${goal.value}`;
  const ratio = rival === null ? "" : ratioOf(row).toFixed(2);
  const cells = [
    what,
    figure(ours),
    rival?.name ?? "",
    rival === null ? "" : figure(rival.figure),
    ratio,
    goalText,
  ];
  return `| ${[...cells, isMet(row) ? "yes" : "**no**"].join(" | ")} |`;
}

async function machineText(): Promise<string> {
  const os = /PRETTY_NAME="(.*)"/.exec(await readFile("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  const { stdout: podman } = await execa("podman", ["--version"]);
  const memory = Math.round(totalmem() / 1024 ** 3);
  const user = process.getuid?.() === 0 ? "rootful" : "rootless";
  return `${os}, Linux ${release()}, ${cpus().length} processors, ${memory} GiB; ${podman}, ${user}; Node ${process.version}.`;
}
