import { Failure } from "../base/failure.ts";
import { withoutEpoch } from "../debian/version.ts";
import type { BuildRequest } from "./request.ts";

/** Whether the source is a tree that needs original tarballs and has none. */
export function lacksOrig({ source }: BuildRequest): boolean {
  const { format, version } = source.package;
  const isNative = format === "3.0 (native)" || !version.includes("-");
  return source.layout === "tree" && !isNative && source.origTarballs.length === 0;
}

/** What a source package cannot be made without. */
export function origMissing(request: BuildRequest): Failure {
  const { name, version } = request.source.package;
  return new Failure(
    "package",
    "orig-tarball-missing",
    `The source of ${name} ${version} needs ${origName(request)}, which is not beside the tree${triedText(request)}`,
    {
      hint: "Put it there (`origtargz`, `gbp export-orig`), or have it fetched: --orig=archive or --orig=uscan.",
    },
  );
}

/** What it means for a build of packages, in words. */
export function origWarning(request: BuildRequest): string {
  return `There is no ${origName(request)} beside the tree${triedText(request)}: only binaries are built`;
}

function triedText({ source: { origTried = [] } }: BuildRequest): string {
  return origTried.length === 0 ? "" : `, nor to be had by ${origTried.join("; ")}`;
}

function origName({ source }: BuildRequest): string {
  const { name, version } = source.package;
  return `${name}_${withoutEpoch(version).replace(/-[^-]*$/, "")}.orig.tar.*`;
}
