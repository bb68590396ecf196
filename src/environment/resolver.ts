import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { parsePrintUris } from "../debian/print-uris.ts";
import type { Container } from "../engine/engine.ts";
import { type AptChoice, optionWords } from "./apt-choice.ts";
import { archiveFailure } from "./bootstrap-failure.ts";
import { capture } from "./capture.ts";
import type { Kiln } from "./kiln.ts";
import { type LockedPackage, overlay, sortPackages } from "./lock.ts";
import { lockedPackage } from "./printed-package.ts";
import { packageText, requestName, requestText, sourcesText } from "./request-text.ts";
import { putPreferences, putRequest } from "./resolver-files.ts";
import {
  type Explainer,
  type Solver,
  explainByDose,
  requireSolver,
  unpackAspcud,
  waysToSolve,
} from "./solver.ts";
import { Tail } from "./tail.ts";
import { unsatisfiable } from "./unsatisfiable.ts";

/** What is wanted beyond the base, in the canonical text of dpkg's relation fields. */
export interface Request {
  readonly depends: string;
  readonly conflicts: string;
  /** Of build dependencies: the architecture that is cross-built for. */
  readonly host?: string;
  readonly solver?: Solver;
  /** What aspcud prefers; its default where absent. */
  readonly criteria?: string;
  readonly explainer?: Explainer;
  /** The packages of a system, not a source's build dependencies: no build-essential comes with them. */
  readonly system?: {
    readonly recommends: boolean;
    /** Text of apt_preferences(5). */
    readonly preferences: string;
  };
}

const quiet = ["-qq", "-y", "-o", "Acquire::ForceHash=SHA256"];

/**
 * Refreshes apt's indices in a container with the network, checking their signatures.
 * @throws Failure release-signature, release-expired, mirror-unreachable, ... (infrastructure).
 */
export async function updateIndices(kiln: Kiln, container: Container, task: Task): Promise<void> {
  const said = new Tail(task);
  const { exitCode } = await container.run(["apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update"], {
    stdout: said,
    stderr: said,
    // Not in the container's own environment, which a commit would keep: proxies may have passwords.
    environment: { LC_ALL: "C.UTF-8", ...(await kiln.network.proxies()) },
    signal: kiln.signal,
  });
  if (exitCode === 0) return;
  throw (
    archiveFailure(said.text, "while refreshing the indices") ??
    new Failure("infrastructure", "update-failed", "apt could not refresh the archive's indices", {
      hint: "The lines above are apt's own.",
      details: { output: said.text },
    })
  );
}

/** Has dpkg and apt take packages of another architecture too. */
export async function addArchitecture(kiln: Kiln, container: Container, name: string): Promise<void> {
  await read(kiln, container, ["dpkg", "--add-architecture", name]);
}

/** The SHA256 of every InRelease file that apt accepted, as `sha256:` digests. */
export async function acceptedReleases(kiln: Kiln, container: Container): Promise<ReadonlySet<string>> {
  const output = await read(kiln, container, ["sh", "-c", "sha256sum /var/lib/apt/lists/*Release"]);
  return new Set(output.match(/^[0-9a-f]{64}/gm)?.map((hex) => `sha256:${hex}`));
}

/** What is installed in the container, as the archive has it. */
export async function installedPackages(kiln: Kiln, container: Container): Promise<LockedPackage[]> {
  const format = "${binary:Package}=${Version}\\n";
  const installed = (await read(kiln, container, ["dpkg-query", "-W", "-f", format])).trim().split("\n");
  const argv = [
    "apt-get",
    ...quiet,
    "--reinstall",
    "--allow-downgrades",
    "--print-uris",
    "install",
    ...installed,
  ];
  return sortPackages(parsePrintUris(await read(kiln, container, argv)).map(lockedPackage));
}

/** Names of packages that an upgrade would bring: empty when a base is as new as its archive. */
export async function upgradable(kiln: Kiln, container: Container): Promise<string[]> {
  const output = await read(kiln, container, ["apt-get", "-q", "-s", "dist-upgrade"]);
  return [...output.matchAll(/^(?:Inst|Remv) (\S+)/gm)].map((match) => match[1] ?? "");
}

/**
 * The whole set that a request comes to on top of the base, by apt's own solver. From a reluctant suite (backports,
 * experimental) packages are taken only when there is no solution without them.
 * @throws Failure unsatisfiable (dependency), with apt's explanation.
 */
export async function solve(
  kiln: Kiln,
  container: Container,
  base: readonly LockedPackage[],
  { request, reluctant, native, apt, task }: Solving,
): Promise<LockedPackage[]> {
  const { system, solver, criteria, explainer, host } = request;
  const control = sourcesText(request);
  if (solver === "aspcud") await unpackAspcud(kiln, container, task);
  return await solveWords(kiln, container, base, {
    words: await aptWords(container, request),
    reluctant,
    what: system === undefined ? "The build dependencies" : "The packages",
    host,
    solver,
    criteria,
    apt,
    plain: solver === "aspcud" ? await buildDepWords(container, request) : undefined,
    explain: async () =>
      explainer === "dose3" ? await explainByDose(kiln, container, { control, native, host }, task) : "",
  });
}

/**
 * The whole set that apt-get's words (`install hello`, `dist-upgrade`) come to where those packages are installed.
 * @throws Failure unsatisfiable (dependency), with apt's explanation.
 */
export async function solveWords(
  kiln: Kiln,
  container: Container,
  base: readonly LockedPackage[],
  { words, reluctant, what, host, solver, criteria, apt, plain, explain }: SolvingWords,
): Promise<LockedPackage[]> {
  let refused = "";
  if (apt !== undefined && apt.preferences !== "") await putPreferences(container, "target", apt.preferences);
  for (const chosen of waysToSolve(reluctant, solver, criteria)) {
    const way = [...optionWords(apt), ...chosen];
    const [uris, simulated] = await Promise.all([
      capture(kiln, container, ["apt-get", ...way, ...quiet, "--print-uris", ...words]),
      capture(kiln, container, ["apt-get", ...way, "-q", "-s", ...words]),
    ]);
    if (uris.exitCode === 0 && simulated.exitCode === 0)
      return resolvedSet(base, uris.output, simulated.output);
    refused = simulated.output;
    requireSolver(solver, refused);
  }
  let more = (await explain?.()) ?? "";
  if (plain !== undefined) {
    // aspcud says no more than that there is no solution, or that its criteria are none.
    const byApt = await capture(kiln, container, ["apt-get", ...optionWords(apt), "-q", "-s", ...plain]);
    if (byApt.exitCode !== 0) {
      more = `${refused}\n${more}`;
      refused = byApt.output;
    }
  }
  throw unsatisfiable(refused, what, { known: await packageNames(kiln, container), host, more });
}

/** What apt-get is to solve, and how. */
export interface SolvingWords {
  readonly words: readonly string[];
  readonly reluctant: string | null;
  /** What is to be installed, for messages. */
  readonly what: string;
  readonly host?: string | undefined;
  readonly solver?: Solver | undefined;
  readonly criteria?: string | undefined;
  readonly apt?: AptChoice | undefined;
  /** The same in words whose refusal apt itself explains, where it is another that solves. */
  readonly plain?: readonly string[] | undefined;
  /** What else explains that there is no solution. */
  readonly explain?: () => Promise<string>;
}

/** What is to be solved, where. */
export interface Solving {
  readonly request: Request;
  readonly reluctant: string | null;
  /** The container's architecture. */
  readonly native: string;
  readonly apt?: AptChoice | undefined;
  readonly task: Task;
}

/** The packages' control data as far as it says what needs what. */
export async function dependenciesOf(
  kiln: Kiln,
  container: Container,
  packages: readonly LockedPackage[],
): Promise<string> {
  const names = packages.map(({ name, version, architecture }) =>
    architecture === "all" ? `${name}=${version}` : `${name}:${architecture}=${version}`,
  );
  const fields = "s/^$/&/p; /^\\(Package\\|Provides\\|Depends\\|Pre-Depends\\):/p";
  const script = `apt-cache show "$@" | sed -n '${fields}'`;
  return read(kiln, container, ["sh", "-c", script, "sh", ...names]);
}

/** apt-get's words for a request: a source package of nothing but relations, or the relations as they are (apt-get(8), satisfy). */
export async function aptWords(container: Container, request: Request): Promise<readonly string[]> {
  const { depends, conflicts, system } = request;
  if (system !== undefined) {
    if (system.preferences !== "") await putPreferences(container, "system", system.preferences);
    return [
      "-o",
      `APT::Install-Recommends=${system.recommends}`,
      "satisfy",
      depends,
      ...(conflicts === "" ? [] : [`Conflicts: ${conflicts}`]),
    ];
  }
  if (request.solver === "aspcud") {
    const file = await putRequest(container, "Packages", packageText(request));
    return ["--with-source", file, "install", requestName];
  }
  return await buildDepWords(container, request);
}

async function buildDepWords(container: Container, request: Request): Promise<readonly string[]> {
  const file = await putRequest(container, `${requestName}.dsc`, requestText(request));
  const cross = request.host === undefined ? [] : [`--host-architecture=${request.host}`];
  return ["-o", "APT::Get::Build-Dep-Automatic=true", ...cross, "build-dep", file];
}

async function packageNames(kiln: Kiln, container: Container): Promise<readonly string[]> {
  const { exitCode, output } = await capture(kiln, container, ["apt-cache", "pkgnames"]);
  return exitCode === 0 ? output.split("\n") : [];
}

function resolvedSet(base: readonly LockedPackage[], uris: string, simulated: string): LockedPackage[] {
  const removed = new Set([...simulated.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map((match) => match[1]));
  const added = parsePrintUris(uris)
    .filter(({ name }) => name !== requestName)
    .map(lockedPackage);
  return overlay(
    base.filter(({ name }) => !removed.has(name)),
    added,
  );
}

async function read(kiln: Kiln, container: Container, argv: readonly string[]): Promise<string> {
  const { exitCode, output } = await capture(kiln, container, argv);
  if (exitCode === 0) return output;
  throw new Failure(
    "infrastructure",
    "resolver-failed",
    `${argv.slice(0, 2).join(" ")} failed in the resolver`,
    {
      hint: "The output in the details tells why; `debkiln gc --older-than 0` has everything made afresh next time.",
      details: { argv, exitCode, output },
    },
  );
}
