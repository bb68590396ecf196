import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import type { Container } from "../engine/engine.ts";
import { capture } from "./capture.ts";
import type { Kiln } from "./kiln.ts";
import { unpackTools } from "./resolver-tools.ts";

/** Who chooses the packages: apt's solver of the suite, one of apt's by its name, or aspcud, which finds a solution if there is one. */
export const solvers = ["apt", "internal", "3.0", "aspcud"] as const;
export type Solver = (typeof solvers)[number];

/** What aspcud prefers among solutions, in the words of apt-cudf(1): sbuild's default too. */
export const defaultCriteria = "-removed,-changed,-new";

/** Who explains why packages cannot be installed. */
export const explainers = ["apt", "dose3"] as const;
export type Explainer = (typeof explainers)[number];

/**
 * apt's options, to be tried in turn. From 3.0 on its new solver can go beyond the pinned candidates and then takes no more
 * than it must; older ones ignore that, and can only prefer the whole suite (`-t`).
 */
export function waysToSolve(
  reluctant: string | null,
  solver: Solver | undefined,
  criteria?: string,
): readonly (readonly string[])[] {
  if (solver === "aspcud") return waysOfAspcud(reluctant, criteria);
  const chosen = solver === undefined ? [] : ["-o", `APT::Solver=${solver}`];
  if (reluctant === null) return [chosen];
  const beyond = solver === undefined ? ["-o", "APT::Solver=3.0"] : chosen;
  return [
    chosen,
    [...beyond, "-o", "APT::Solver::Strict-Pinning=false"],
    [...chosen, "--target-release", reluctant],
  ];
}

/** Among apt's candidates; where there is a reluctant suite, then among all versions that there are, of that suite as few as it must. */
function waysOfAspcud(
  reluctant: string | null,
  criteria: string | undefined,
): readonly (readonly string[])[] {
  const candidates = aspcudWords(criteria ?? defaultCriteria);
  if (reluctant === null) return [candidates];
  const sparing = `-removed,-count(solution,APT-Release:=/${reluctant}/),-changed,-new`;
  return [candidates, [...aspcudWords(criteria ?? sparing), "-o", "APT::Solver::Strict-Pinning=false"]];
}

function aspcudWords(preferences: string): readonly string[] {
  return ["-o", "APT::Solver=aspcud", "-o", `APT::Solver::aspcud::Preferences=${preferences}`];
}

/** Puts aspcud where apt finds it: its package's trigger would make the link. @throws Failure resolver-missing (dependency). */
export async function unpackAspcud(kiln: Kiln, container: Container, task: Task): Promise<void> {
  await unpackTools(kiln, container, ["aspcud", "apt-cudf"], {
    task,
    hint: "Leave out --resolver: apt's own solvers need nothing more.",
  });
  const link = ["ln", "-sfn", "/usr/bin/apt-cudf", "/usr/lib/apt/solvers/aspcud"];
  await capture(kiln, container, link);
}

/**
 * Refuses what an apt says that has no such solver, or whose solver cannot read the criteria.
 * @throws Failure resolver-missing (dependency), bad-command-line (usage).
 */
export function requireSolver(solver: Solver | undefined, output: string): void {
  if (solver === "aspcud" && output.includes("Field EDSP Preferences has a wrong value"))
    throw new Failure("usage", "bad-command-line", "aspcud cannot read its criteria", {
      hint: `apt-cudf(1) has their words; the default is ${defaultCriteria}.`,
      details: { output },
    });
  if (solver === undefined || !/Can't call external solver/.test(output)) return;
  throw new Failure("dependency", "resolver-missing", `The suite's apt has no solver ${solver}`, {
    hint: "Leave out --resolver: the default is what that apt has.",
    details: { output },
  });
}

/** Why a source's build dependencies cannot be installed, in the words of dose-builddebcheck(1). */
export async function explainByDose(
  kiln: Kiln,
  container: Container,
  {
    control,
    native,
    host,
  }: { readonly control: string; readonly native: string; readonly host?: string | undefined },
  task: Task,
): Promise<string> {
  await unpackTools(kiln, container, ["dose-builddebcheck"], {
    task,
    hint: "Leave out --explainer: apt explains too.",
  });
  const cross = host === undefined ? [] : [`--deb-foreign-archs=${host}`, `--deb-host-arch=${host}`];
  const words = [control, `--deb-native-arch=${native}`, ...cross];
  return (await capture(kiln, container, ["sh", "-c", doseScript, "sh", ...words])).output;
}

/** apt may keep its lists compressed: its own helper reads them whatever they are. */
const doseScript = `
control=$1; shift
sources=$(mktemp); packages=$(mktemp)
printf '%s' "$control" > "$sources"
apt-get indextargets --format '$(FILENAME)' 'Created-By: Packages' | while read -r each; do
  /usr/lib/apt/apt-helper cat-file "$each"; echo
done > "$packages"
dose-builddebcheck --explain --failures "$@" "$packages" "$sources" 2>&1`;
