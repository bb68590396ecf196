import { hostname } from "node:os";
import { printableLine } from "../base/printable.ts";
import type { Kiln } from "../environment/kiln.ts";
import { formatName } from "../environment/named/name.ts";
import type { EnvironmentPlan } from "../environment/plan.ts";
import { describeProvisions } from "../environment/provisions.ts";
import { architecturesOf } from "./cross.ts";
import type { BuildPlan } from "./plan.ts";
import type { BuildRequest } from "./request.ts";
import type { Artifact } from "./result.ts";
import { logHeader, subsection, subsections } from "./sbuild-log.ts";

/** The log's head, up to what is done about the base. */
export function openingSections(plan: BuildPlan, request: BuildRequest, debkilnVersion: string): string {
  const { target, profiles } = request;
  const { machine, build, host } = architecturesOf(request);
  return (
    logHeader({
      debkilnVersion,
      hostname: hostname(),
      package: plan.source.name,
      version: plan.version,
      sourceVersion: plan.source.version,
      distribution: target.suite,
      machineArchitecture: machine,
      hostArchitecture: host,
      buildArchitecture: build,
      buildProfiles: profiles,
      buildType: plan.buildType,
      started: new Date(),
    }) + subsection(subsections.update)
  );
}

/** What the environment is made from; null when it never came to that. Then the source, and what it needs. */
export function sourceSections(
  plan: BuildPlan,
  { source }: BuildRequest,
  environment: EnvironmentPlan | null,
): string {
  return (
    (environment === null ? "" : baseLines(environment)) +
    subsection(subsections.fetch) +
    `${[source.origin, ...(source.findings ?? [])].map(printableLine).join("\n")}\n${source.package.files.map(({ name, size }) => ` ${name} ${size}\n`).join("")}` +
    subsection(subsections.install) +
    `Build-Depends: ${plan.dependencies.depends}\nBuild-Conflicts: ${plan.dependencies.conflicts}\n\n`
  );
}

function baseLines({ decisions, lock }: EnvironmentPlan): string {
  return (
    decisions.map(({ layer, outcome, reason }) => `${layer}: ${outcome} (${reason})\n`).join("") +
    `Base: ${lock.base}\n`
  );
}

/** For which architectures the source is, and every package in its environment. */
export function environmentSections(
  plan: BuildPlan,
  request: BuildRequest,
  environment: EnvironmentPlan,
  { runtime }: Pick<Kiln, "runtime">,
): string {
  const { lock, lockDigest, key } = environment;
  const packages = lock.packages.map(({ name, version }) => `${name}_${version}`);
  const architectures = new Set(plan.source.packages.flatMap((each) => each.architectures));
  return (
    subsection(subsections.architectures) +
    `Arch check ok (${architecturesOf(request).host} included in ${[...architectures].join(" ")})\n` +
    `Execution: ${plan.execution}\n` +
    subsection(subsections.environment) +
    `Base: ${lock.base}\nLock: ${lockDigest}\nEnvironment: ${key}\n` +
    namedLine(request) +
    (runtime === undefined ? "" : `OCI runtime: ${runtime}\n`) +
    variableLine(request) +
    provisionLines(request) +
    `Toolchain package versions: ${packages.filter((each) => toolchain.test(each)).join(" ")}\n` +
    `Package versions: ${packages.join(" ")}\n` +
    subsection(subsections.build)
  );
}

function namedLine({ named }: BuildRequest): string {
  if (named === undefined) return "";
  return `Named environment: ${formatName(named.at)}, image ${named.image.id}\n`;
}

/** Which variables the user has set: of their values dpkg records what it finds harmless, in the .buildinfo. */
function variableLine({ variation }: BuildRequest): string {
  const names = Object.keys(variation?.variables ?? {});
  return names.length === 0 ? "" : `Further variables: ${names.join(" ")}\n`;
}

/** What the user lets the build have of this machine, and what else is not of its environment. */
function provisionLines({ provisions }: BuildRequest): string {
  const lines = provisions === undefined ? [] : describeProvisions(provisions);
  return lines.map((line) => `${printableLine(line)}\n`).join("");
}

/** What was taken out of the container, with its checksums. */
export function postBuild(artifacts: readonly Artifact[]): string {
  const lines = artifacts.map(({ name, sizeBytes, sha256 }) => ` ${sha256} ${sizeBytes} ${name}\n`);
  return `${subsection(subsections.post)}Results taken:\n${lines.join("")}`;
}

/** What becomes of the container. */
export function cleanup(container: string): string {
  return `${subsection(subsections.cleanup)}Removing container ${container} with its volumes\n`;
}

const toolchain =
  /^(binutils|dpkg-dev|g\+\+-\d+|gcc-\d+|libc6-dev|libstdc\+\+\S*|libstdc\+\+6|linux-libc-dev)_/;
