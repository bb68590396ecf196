import { Failure } from "../base/failure.ts";

const maxLines = 6;

/** apt's refusal of a request as a Failure: the lines that name the culprits, the whole text in the details. */
export function unsatisfiable(output: string): Failure {
  const lines = culprits(output);
  const shown = lines.slice(0, maxLines).join("; ");
  const more = lines.length > maxLines ? `; and ${lines.length - maxLines} more` : "";
  return new Failure(
    "dependency",
    "unsatisfiable",
    `The build dependencies cannot be installed: ${shown}${more}`,
    {
      hint: "Check the suite and its components, or add a repository that has them; apt's whole explanation is in the log.",
      details: { explanation: output },
    },
  );
}

/** What follows apt's "unmet dependencies" line, or else its error lines, without our request's own name. */
function culprits(output: string): string[] {
  const [, unmet] = output.split("The following packages have unmet dependencies:");
  const lines = (unmet ?? "").split("\n").filter((line) => /^ +\S/.test(line));
  const chosen = lines.length > 0 ? lines : output.split("\n").filter((line) => line.startsWith("E: "));
  return chosen.map((line) =>
    line
      .replace(/^E: /, "")
      .replace(/^ *builddeps:\S+ : /, "")
      .replace(/^ +/, "")
      .replace(/^(Depends|Conflicts): /, (field) => (field === "Conflicts: " ? "conflicts with " : "")),
  );
}
