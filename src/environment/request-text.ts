/** What a request is called where it has to have a name. */
export const requestName = "debkiln-request";

/** Relations in the canonical text of dpkg's fields. */
interface Wanted {
  readonly depends: string;
  readonly conflicts: string;
}

/** A source package of nothing but relations, which apt's build-dep takes as it would a real one. */
export function requestText({ depends, conflicts }: Wanted): string {
  const fields = [
    "Format: 3.0 (native)",
    `Source: ${requestName}`,
    `Binary: ${requestName}`,
    "Architecture: any",
    "Version: 0",
    "Maintainer: debkiln <debkiln@localhost>",
    ...(depends === "" ? [] : [`Build-Depends: ${depends}`]),
    ...(conflicts === "" ? [] : [`Build-Conflicts: ${conflicts}`]),
  ];
  return `${fields.join("\n")}\n`;
}

/** The same as an index of sources has it. */
export function sourcesText(wanted: Wanted): string {
  return requestText(wanted).replace(/^Source: .*$/m, `Package: ${requestName}`);
}

/**
 * An index with one package that needs what is wanted, for solvers that apt calls: their translator, apt-cudf, takes no request in the
 * form of build-dep, in whose package names a slash is. The package itself is never fetched.
 */
export function packageText({ depends, conflicts }: Wanted): string {
  const fields = [
    `Package: ${requestName}`,
    "Version: 0",
    "Architecture: all",
    "Maintainer: debkiln <debkiln@localhost>",
    `Depends: ${["build-essential", asOfBinary(depends)].filter(Boolean).join(", ")}`,
    ...(conflicts === "" ? [] : [`Conflicts: ${asOfBinary(conflicts)}`]),
    `Filename: ./${requestName}.deb`,
    "Size: 1",
    `SHA256: ${"0".repeat(64)}`,
  ];
  return `${fields.join("\n")}\n`;
}

/** All is native in a build that is none for another architecture; only build dependencies may say so. */
function asOfBinary(relations: string): string {
  return relations.replace(/:native\b/g, "");
}
