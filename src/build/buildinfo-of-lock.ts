import { hexOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { formatDeb822 } from "../debian/deb822.ts";
import { buildDirectory } from "../environment/builder.ts";
import type { LockFile } from "../environment/lock-file.ts";

/**
 * A lock in the form of a .buildinfo (deb-buildinfo(5)), for tools that rebuild by these: its packages are what is
 * installed, its only file is the .dsc. What a build would give is not in a lock, and so not in this.
 * @throws Failure source-not-locked (usage) for the lock of a tree.
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
  const { any = true, all = true, source: isSource = false } = build?.wanted ?? {};
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
      ["Source", source.name],
      ["Architecture", architectures.join(" ")],
      ["Version", source.version],
      ["Checksums-Sha256", `\n${hexOf(dsc.sha256)} ${dsc.sizeBytes} ${dsc.name}`],
      ["Build-Architecture", lock.architecture],
      ["Build-Path", `${buildDirectory}/${source.name}-${upstreamOf(source.version)}`],
      ["Installed-Build-Depends", `\n${installed.join(",\n")}`],
      ["Environment", `\n${environment.join("\n")}`],
    ],
  ]);
}

function variable(name: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${name}="${values.join(" ")}"`];
}

function upstreamOf(version: string): string {
  return version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
}
