import { printable, printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import type { LockedPackage } from "../../environment/lock.ts";
import type { ImagePlan, PlannedEntry, PlannedStep } from "../../image/plan.ts";
import { table } from "./table.ts";

/** All packages that a plan's come to, with what they depend on. */
export type ResolvedPackages = readonly LockedPackage[];

/**
 * A plan for people: what the image boots by, then its packages, files, units and what is run, each with its reason. Of the
 * packages, the versions when they are resolved.
 */
export function imagePlanText(plan: ImagePlan, resolved: ResolvedPackages | null): string {
  const { name, version, description, target, services, commands, steps } = plan;
  const title = `${name} ${version}${description === "" ? "" : `: ${description}`}`;
  const units = Object.entries(services).flatMap(([state, list]: [string, readonly string[]]) =>
    list.map((unit) => [unit, state]),
  );
  return [
    `${printableLine(title)}\n`,
    facts([
      ["for", `debian-${target.suite}-${target.architecture}`],
      ["backend", `${plan.boot.backend}${plan.boot.hasBootc ? "" : " (without bootc)"}`],
      ["boot loader", plan.boot.uki ? `${plan.boot.bootloader}, unified kernel image` : plan.boot.bootloader],
      ["kernel", plan.boot.kernel],
      ["arguments", plan.boot.kernelArguments.join(" ")],
      ["host name", plan.hostname ?? ""],
      ["packages", resolved === null ? "" : totalOf(resolved)],
      ["layers", `at most ${plan.layers.budget}, ${plan.layers.compression}`],
    ]),
    resolved === null
      ? section(["PACKAGE", "WANTED BY"], packageRows(plan))
      : section(["PACKAGE", "VERSION", "WANTED BY"], versionRows(plan, resolved)),
    section(["FILE", "MODE", "OWNER", "SIZE", "FROM"], plan.entries.map(entryRow)),
    section(["UNIT", "IS"], units),
    section(
      ["RUNS IN THE IMAGE", "FROM"],
      [
        ...commands.map(({ title, from }) => [title, from]),
        ...steps.map((step) => [step.name, `bootc.steps (${stepWords(step)})`]),
      ],
    ),
  ].join("");
}

/** The plan as `--json` has it: contents are left out, texts of secrets too. */
export function shownPlan(plan: ImagePlan, resolved: ResolvedPackages | null): unknown {
  const { relations: _, ...packages } = plan.packages;
  return {
    ...plan,
    packages: resolved === null ? packages : { ...packages, resolved },
    entries: plan.entries.map((entry) => {
      if (entry.type !== "file") return entry;
      const { content, ...rest } = entry;
      return content.from === "bytes" && (entry.mode & 0o044) !== 0
        ? { ...rest, text: Buffer.from(content.bytes).toString() }
        : rest;
    }),
    commands: plan.commands.map(({ input, ...rest }) => ({ ...rest, hasInput: input !== null })),
  };
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return rows
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `  ${key.padEnd(11)}  ${printableLine(value)}\n`)
    .join("");
}

function section(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "" : `\n${printable(table(head, rows))}`;
}

function packageRows({ packages }: ImagePlan): string[][] {
  return [
    ...Object.entries(packages.reasons).map(([relation, reasons]) => [relation, reasons.join(", ")]),
    ...packages.debs.map(({ path }) => [path, "debian.debs"]),
  ];
}

function versionRows(plan: ImagePlan, resolved: ResolvedPackages): string[][] {
  return packageRows(plan).map(([relation = "", reasons = ""]) => {
    const name = relation.split(" ")[0] ?? "";
    return [name, resolved.find((each) => each.name === name)?.version ?? "", reasons];
  });
}

function totalOf(resolved: ResolvedPackages): string {
  const bytes = resolved.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${resolved.length} with what they depend on, ${formatSize(bytes)} as .debs`;
}

function entryRow(entry: PlannedEntry): string[] {
  const { path, mode, user, group, from } = entry;
  const name =
    entry.type === "symlink" ? `${path} -> ${entry.target}` : entry.type === "directory" ? `${path}/` : path;
  const size = entry.type === "file" ? formatSize(entry.sizeBytes) : "";
  return [name, mode.toString(8).padStart(4, "0"), `${user}:${group}`, size, from];
}

function stepWords(step: PlannedStep): string {
  return step.kind === "run" ? "sh" : step.kind === "script" ? step.script.path : step.containerfile.path;
}
