import { type Stanza, parseDeb822 } from "./deb822.ts";
import { checkPackageName, words } from "./field.ts";
import type { SourcePackage } from "./source-package.ts";

/** A binary package as its source says of it before it is built. */
export interface BuiltBinary {
  readonly name: string;
  readonly architectures: readonly string[];
  /** Its Build-Profiles formula, empty when it is always built. */
  readonly profiles: readonly (readonly string[])[];
  /** Relationship fields without what is only known when it is built (substitution variables), "" when there are none. */
  readonly provides: string;
  readonly depends: string;
}

/** The binary packages of a debian/control; none that are for the installer (udebs), which no build needs. Raises `bad-control-data`, `field-missing`. */
export function binariesOfControl(text: string, origin: string): readonly BuiltBinary[] {
  const [, ...binaries] = parseDeb822(text, origin);
  return binaries.filter(isOrdinary).map((stanza) => ({
    name: checkPackageName(stanza.require("Package"), stanza),
    architectures: words(stanza.require("Architecture")),
    profiles: [...(stanza.get("Build-Profiles") ?? "").matchAll(/<([^<>]*)>/g)].map(([, list = ""]) =>
      words(list),
    ),
    provides: known(stanza.get("Provides")),
    depends: known([stanza.get("Pre-Depends"), stanza.get("Depends")].filter((each) => each).join(", ")),
  }));
}

function isOrdinary(stanza: Stanza): boolean {
  return (stanza.get("Package-Type") ?? stanza.get("XC-Package-Type")) !== "udeb";
}

/** As far as a .dsc or tree tells of them by itself: nothing of what they provide and depend on. */
export function binariesOfSource({ packages, binaries }: SourcePackage): readonly BuiltBinary[] {
  if (packages.length > 0)
    return packages
      .filter(({ packageType }) => packageType !== "udeb")
      .map(({ name, architectures, profiles }) => ({
        name,
        architectures,
        profiles,
        provides: "",
        depends: "",
      }));
  return binaries.map((name) => ({
    name,
    architectures: ["any", "all"],
    profiles: [],
    provides: "",
    depends: "",
  }));
}

/** The entries of a relationship field that hold no substitution variable, deb-substvars(5). */
function known(field: string | null): string {
  const entries = (field ?? "").split(",").map((each) => words(each).join(" "));
  return entries
    .map(withoutVariables)
    .filter((entry) => entry !== "")
    .join(", ");
}

/** A version may be a variable: the package is needed all the same. */
function withoutVariables(entry: string): string {
  const alternatives = entry.split("|").map((each) => each.replace(/\([^()]*\$\{[^()]*\)/, "").trim());
  return alternatives.filter((each) => each !== "" && !each.includes("${")).join(" | ");
}
