import type { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";

/**
 * The format of sbuild's build logs (sbuild 0.85, Sbuild::Base and Sbuild::Build), which archive tools and people
 * read: boxes of 80 columns around section titles, a header of fields, and the Summary with its sorted keys.
 */
export interface LogHeader {
  /** Of debkiln. */
  readonly debkilnVersion: string;
  readonly hostname: string;
  readonly package: string;
  /** Null while it is not known. */
  readonly version: string | null;
  /** The source's, of which binaries may be rebuilt as another. */
  readonly sourceVersion: string | null;
  readonly distribution: string;
  readonly machineArchitecture: string;
  readonly hostArchitecture: string;
  readonly buildArchitecture: string;
  readonly buildProfiles: readonly string[];
  readonly buildType: BuildType;
  readonly started: Date;
}

/** What is built, in the words of dpkg-buildpackage's `--build=`. */
export type BuildType = "binary" | "any" | "all" | "source" | "full" | "source,any" | "source,all";

/** The start of a log, to before its first section. */
export function logHeader(header: LogHeader): string {
  const left = `${[header.package, header.version].filter((part) => part !== null).join(" ")} (${header.hostArchitecture}) `;
  const right = rfc2822(header.started);
  return (
    `debkiln ${header.debkilnVersion} on ${header.hostname}\n` +
    section(left + " ".repeat(Math.max(0, innerWidth - left.length - right.length)) + right) +
    fields([
      ["Package", header.package],
      ["Version", header.version],
      ["Source Version", header.sourceVersion],
      ["Distribution", header.distribution],
      ["Machine Architecture", header.machineArchitecture],
      ["Host Architecture", header.hostArchitecture],
      ["Build Architecture", header.buildArchitecture],
      ["Build Profiles", header.buildProfiles.join(" ") || null],
      ["Build Type", header.buildType],
    ]) +
    "\n"
  );
}

/** The titles of sbuild's sections, in their order. */
export const subsections = {
  update: "Update chroot",
  fetch: "Fetch source files",
  install: "Install package build dependencies",
  architectures: "Check architectures",
  environment: "Build environment",
  build: "Build",
  changes: "Changes",
  buildinfo: "Buildinfo",
  contents: "Package contents",
  post: "Post Build",
  cleanup: "Cleanup",
  summary: "Summary",
} as const;

/** A title in a box of `=`: the head of a log. */
export function section(title: string): string {
  return box(title, "=");
}

/** A title in a box of `-`: a part of a log. */
export function subsection(title: string): string {
  return box(title, "-");
}

/** An underlined title: a part of a part. */
export function subsubsection(title: string): string {
  const line = printableLine(title);
  return `\n${line}\n${"-".repeat(line.length)}\n\n`;
}

export const separator = `${"-".repeat(80)}\n`;

export interface Summary {
  /** What was asked for: the source as the user named it. */
  readonly job: string;
  readonly package: string;
  readonly version: string | null;
  /** The source's, of which binaries may be rebuilt as another. */
  readonly sourceVersion: string | null;
  readonly machineArchitecture: string;
  readonly hostArchitecture: string;
  readonly buildArchitecture: string;
  readonly buildProfiles: readonly string[];
  readonly buildType: BuildType;
  readonly foreignArchitectures: readonly string[];
  readonly distribution: string;
  /** Disk space of the build tree and results in KiB; null when it was not measured. */
  readonly spaceKib: number | null;
  /** Seconds of dpkg-buildpackage, of making the environment, and of everything. */
  readonly buildSeconds: number;
  readonly installSeconds: number;
  readonly packageSeconds: number;
  readonly status: Status;
  /** Null exactly when successful. */
  readonly failStage: FailStage | null;
  readonly finished: Date;
  /** A field for each check, such as `Lintian: pass`. */
  readonly checks: readonly (readonly [key: string, value: string])[];
}

/** The end of a log: the Summary box with its sorted fields, and the two lines below it. */
export function summaryBlock(summary: Summary): string {
  const space = summary.spaceKib === null ? "n/a" : String(Math.round(summary.spaceKib));
  const lines: Field[] = [
    ["Job", summary.job],
    ["Package", summary.package],
    ["Version", summary.version],
    ["Source-Version", summary.sourceVersion],
    ["Machine Architecture", summary.machineArchitecture],
    ["Host Architecture", summary.hostArchitecture],
    ["Build Architecture", summary.buildArchitecture],
    ["Build Profiles", summary.buildProfiles.join(" ") || null],
    ["Build Type", summary.buildType],
    ["Foreign Architectures", summary.foreignArchitectures.join(" ") || null],
    ["Distribution", summary.distribution],
    ["Space", space],
    ["Build-Time", String(Math.round(summary.buildSeconds))],
    ["Install-Time", String(Math.round(summary.installSeconds))],
    ["Package-Time", String(Math.round(summary.packageSeconds))],
    ["Build-Space", space],
    ["Status", summary.status],
    ["Fail-Stage", summary.failStage],
    ...summary.checks,
  ];
  return (
    subsection(subsections.summary) +
    fields(lines.toSorted(([a], [b]) => (a < b ? -1 : 1))) +
    separator +
    `Finished at ${iso8601(summary.finished)}\n` +
    `Build needed ${clock(summary.packageSeconds)}, ${summary.spaceKib === null ? "no" : `${space}k`} disk space\n`
  );
}

/** The line after dpkg-buildpackage's output. */
export function buildFinished(at: Date): string {
  return `${separator}Build finished at ${iso8601(at)}\n`;
}

export type Status = "successful" | "attempted" | "failed" | "given-back" | "skipped";

/** Where a build ended, in sbuild's words. */
export type FailStage =
  | (typeof failStages)[keyof typeof failStages]
  | "install-deps"
  | "arch-check"
  | "check-space"
  | "abort";

/** sbuild's Fail-Stage for each phase of a build here. */
export const failStages = {
  start: "init",
  environment: "create-session",
  unpack: "unpack",
  build: "build",
  collect: "post-build",
  checks: "post-build",
} as const;

/**
 * sbuild's words for how a build ended. `attempted` means that the package is at fault, `given-back` that its build
 * dependencies cannot be had now, `skipped` that it is not for this architecture, `failed` all else.
 */
export function sbuildStatus(
  failure: Failure | null,
  phase: keyof typeof failStages,
): { readonly status: Status; readonly failStage: FailStage | null } {
  if (failure === null) return { status: "successful", failStage: null };
  if (failure.code === "architecture-not-buildable") return { status: "skipped", failStage: "arch-check" };
  if (failure.code === "disk-full") return { status: "failed", failStage: "check-space" };
  if (failure.fault === "interrupted") return { status: "failed", failStage: "abort" };
  if (failure.fault === "dependency") return { status: "given-back", failStage: "install-deps" };
  // Of an environment's making only the installation is bounded in time as a build is.
  if (failure.fault === "package" && phase === "environment")
    return { status: "attempted", failStage: "install-deps" };
  return { status: failure.fault === "package" ? "attempted" : "failed", failStage: failStages[phase] };
}

/** Columns between a box's sides and their spaces. */
const innerWidth = 76;

function box(title: string, line: "=" | "-"): string {
  const text = printableLine(title).padEnd(innerWidth);
  const edge = `+${line.repeat(text.length + 2)}+`;
  return `\n${edge}\n| ${text} |\n${edge}\n\n`;
}

type Field = readonly [key: string, value: string | null];

/** On one line each: a value from outside must not be able to begin a line that looks like another field. */
function fields(list: readonly Field[]): string {
  return list.map(([key, value]) => (value === null ? "" : `${key}: ${printableLine(value)}\n`)).join("");
}

function rfc2822(date: Date): string {
  return date.toUTCString().replace("GMT", "+0000");
}

function iso8601(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
