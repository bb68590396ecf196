import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import type { Container } from "../engine/engine.ts";
import { capture } from "./capture.ts";
import type { Kiln } from "./kiln.ts";
import { unpackTools } from "./resolver-tools.ts";

/**
 * Who chooses the packages: apt's solver of the suite, or one of apt's by its name. Those that apt can call, such as aspcud, do not
 * take its build-dep: dose3 reads no name of a package with a slash in it, as apt gives the request (trixie: apt-cudf 7.0.0).
 */
export const solvers = ["apt", "internal", "3.0"] as const;
export type Solver = (typeof solvers)[number];

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
): readonly (readonly string[])[] {
  const chosen = solver === undefined ? [] : ["-o", `APT::Solver=${solver}`];
  if (reluctant === null) return [chosen];
  const beyond = solver === undefined ? ["-o", "APT::Solver=3.0"] : chosen;
  return [
    chosen,
    [...beyond, "-o", "APT::Solver::Strict-Pinning=false"],
    [...chosen, "--target-release", reluctant],
  ];
}

/** Refuses what an apt says that has no such solver. @throws Failure resolver-missing (dependency). */
export function requireSolver(solver: Solver | undefined, output: string): void {
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
  await unpackTools(kiln, container, ["dose-builddebcheck"], task);
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
