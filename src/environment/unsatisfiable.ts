import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";

const maxLines = 6;

/**
 * apt's refusal of a request as a Failure: the lines that name the culprits, the whole text in the details. `known` are the
 * names that the archive has: the nearest one is suggested for one that it does not know. `host` is the architecture of a
 * cross build: many packages' build dependencies are not made for such. `more` is what another than apt explains.
 */
export function unsatisfiable(
  output: string,
  what: string,
  {
    known,
    host,
    more = "",
  }: {
    readonly known: readonly string[];
    readonly host?: string | undefined;
    readonly more?: string | undefined;
  },
): Failure {
  const lines = culprits(output);
  const shown = lines.slice(0, maxLines).join("; ");
  const rest = lines.length > maxLines ? `; and ${lines.length - maxLines} more` : "";
  return new Failure("dependency", "unsatisfiable", `${what} cannot be installed: ${shown}${rest}`, {
    hint:
      suggestion(lines, known) ??
      (host === undefined ? null : crossHint(host)) ??
      "Check the suite and its components, or add a repository that has them; apt's whole explanation is in the log.",
    details: { explanation: more === "" ? output : `${output}\n${more}` },
  });
}

function crossHint(host: string): string {
  return `The package may not be fit for cross builds: --no-arch-all leaves out what is for all architectures, and --arch ${host} emulates instead.`;
}

/** The archive's name that is most like one that it has not. */
function suggestion(lines: readonly string[], known: readonly string[]): string | null {
  const names = new Set(known);
  for (const line of lines) {
    const [, lacking, unknown] =
      /^(?:\S+ : )?(?:Depends: )?([a-z0-9][a-z0-9+.-]+)\b.* not installable|^Unable to locate package (\S+)$/.exec(
        line,
      ) ?? [];
    const wanted = lacking ?? unknown ?? "";
    if (wanted === "" || names.has(wanted)) continue;
    const near = nearest(wanted, names);
    if (near !== null)
      return `Did you mean ${near} instead of ${wanted}? The archive knows no package of that name.`;
  }
  return null;
}

/** What follows apt's "unmet dependencies" line, or else its error lines, without our request's own name. */
function culprits(output: string): string[] {
  const [, unmet = ""] = output.split("The following packages have unmet dependencies:");
  // Below its error, solver3 tells each step of its reasoning.
  const [list = ""] = unmet.split(/^E: /m);
  const lines = list.split("\n").filter((line) => /^ +\S/.test(line));
  const chosen = lines.length > 0 ? lines : output.split("\n").filter((line) => line.startsWith("E: "));
  return chosen.map((line) =>
    line
      .replace(/^E: /, "")
      .replace(/^ *(?:builddeps:\S+|satisfy:command-line) : /, "")
      .replace(/^ +/, "")
      .replace(/^(Depends|Conflicts): /, (field) => (field === "Conflicts: " ? "conflicts with " : "")),
  );
}
