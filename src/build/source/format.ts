import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import type { SourcePackage } from "../../debian/source-package.ts";

const known = ["1.0", "3.0 (native)", "3.0 (quilt)"] as const;

/** Formats that dpkg-source(1) has, and Debian's archive and this do not. */
const others: Readonly<Record<string, string>> = {
  "2.0": "dpkg-source only unpacks it: make it 3.0 (quilt), which is its successor.",
  "3.0 (git)":
    "It holds a git repository, which goes into no build: write 3.0 (quilt) or 3.0 (native) into debian/source/format, and build from git with --git-ref or by its address.",
  "3.0 (bzr)":
    "It holds a Bazaar repository, which goes into no build: write 3.0 (quilt) or 3.0 (native) into debian/source/format.",
  "3.0 (custom)":
    "Its files come from outside of dpkg-source, which builds it only with --target-format: write the format that it stands for into debian/source/format.",
};

/** Refuses sources in formats that cannot be built. @throws Failure source-format-unsupported (package). */
export function requireKnownFormat({ name, format }: Pick<SourcePackage, "name" | "format">): void {
  if (format === null || known.some((each) => each === format)) return;
  const near = nearest(format, known);
  throw new Failure("package", "source-format-unsupported", `${name} is in the source format ${format}`, {
    hint: others[format] ?? (near === null ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`),
    details: { format },
  });
}
