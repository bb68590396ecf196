import { hexOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { type Field, formatDeb822 } from "../debian/deb822.ts";
import { buildDirectory } from "../environment/builder.ts";
import type { LockFile } from "../environment/lock-file.ts";
import type { Rebuild } from "../environment/variation.ts";
import { rebuildable, rebuiltVersion } from "./binary-rebuild.ts";
import { type Rebuilt, rebuildEntry } from "./rebuild-entry.ts";

/**
 * A lock in the form of a .buildinfo (deb-buildinfo(5)), for tools that rebuild by these: its packages are what is
 * installed, its only file is the .dsc. What a build would give is not in a lock, and so not in this.
 * @throws Failure source-not-locked (usage) for the lock of a tree, entry-undated (usage) for that of a rebuild whose entry has no date
 * before it is built.
 */
export function buildinfoOfLock({ lock, source, build }: LockFile): string {
  const dsc = source?.files.find(({ name }) => name.endsWith(".dsc"));
  if (source === null || dsc === undefined) {
    throw new Failure(
      "usage",
      "source-not-locked",
      "A .buildinfo needs a .dsc, and the lock was made for a tree",
      {
        hint: "Make a source package with `debkiln source`, and the lock of its .dsc.",
      },
    );
  }
  const rebuild = build?.variation?.rebuild;
  const asked = build?.wanted ?? { any: true, all: true, source: false };
  const { any, all, source: isSource } = rebuild === undefined ? asked : rebuildable(rebuild, asked);
  const host = build?.host ?? lock.architecture;
  const { name } = source;
  const version = rebuild === undefined ? source.version : rebuiltVersion(source.version, rebuild);
  const rebuilt = { name, version, suite: lock.suite, architecture: host };
  const architectures = [
    ...(any ? [lock.architecture] : []),
    ...(all ? ["all"] : []),
    ...(isSource ? ["source"] : []),
  ];
  const environment = [
    ...variable("DEB_BUILD_OPTIONS", build?.buildOptions ?? []),
    ...variable("DEB_BUILD_PROFILES", build?.profiles ?? []),
    'LC_ALL="C.UTF-8"',
  ];
  const installed = lock.packages.map(({ name, version, architecture }) => {
    const foreign = architecture !== "all" && architecture !== lock.architecture;
    return `${name}${foreign ? `:${architecture}` : ""} (= ${version})`;
  });
  return formatDeb822([
    [
      ["Format", "1.0"],
      ["Source", rebuild === undefined ? name : `${name} (${source.version})`],
      ["Architecture", architectures.join(" ")],
      ["Version", version],
      ...(rebuild === undefined ? [] : [changes(rebuild, rebuilt)]),
      ["Checksums-Sha256", `\n${hexOf(dsc.sha256)} ${dsc.sizeBytes} ${dsc.name}`],
      ["Build-Architecture", lock.architecture],
      ["Build-Path", `${buildDirectory}/${name}-${upstreamOf(source.version)}`],
      ["Installed-Build-Depends", `\n${installed.join(",\n")}`],
      ["Environment", `\n${environment.join("\n")}`],
    ],
  ]);
}

function changes(rebuild: Rebuild, rebuilt: Rebuilt): Field {
  const { text, secondsLater } = rebuildEntry(rebuild, rebuilt);
  if (secondsLater === null) return ["Binary-Only-Changes", `\n${text}`];
  throw new Failure(
    "usage",
    "entry-undated",
    `The changelog entry of ${rebuilt.version} gets its date when it is built, by the entry before it`,
    {
      hint: "Take the .buildinfo that a build of the lock leaves, or make the lock with --binnmu-timestamp.",
    },
  );
}

function variable(name: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${name}="${values.join(" ")}"`];
}

function upstreamOf(version: string): string {
  return version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
}
