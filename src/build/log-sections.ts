import { hostname } from "node:os";
import type { EnvironmentPlan } from "../environment/plan.ts";
import type { BuildPlan } from "./plan.ts";
import type { BuildRequest } from "./request.ts";
import { logHeader, subsection, subsections } from "./sbuild-log.ts";

/** The log's head and its sections up to the environment. */
export function openingSections(plan: BuildPlan, request: BuildRequest, debkilnVersion: string): string {
  const { target, source, profiles } = request;
  return (
    logHeader({
      debkilnVersion,
      hostname: hostname(),
      package: plan.source.name,
      version: plan.source.version,
      distribution: target.suite,
      machineArchitecture: target.architecture,
      hostArchitecture: target.architecture,
      buildArchitecture: target.architecture,
      buildProfiles: profiles,
      buildType: plan.buildType,
      started: new Date(),
    }) +
    subsection(subsections.fetch) +
    `${source.origin}\n${source.package.files.map(({ name, size }) => ` ${name} ${size}\n`).join("")}` +
    subsection(subsections.install) +
    `Build-Depends: ${plan.dependencies.depends}\nBuild-Conflicts: ${plan.dependencies.conflicts}\n\n`
  );
}

/** What the environment is: how its layers came, and every package in it. */
export function environmentSections(environment: EnvironmentPlan): string {
  const { decisions, lock, lockDigest, key } = environment;
  const packages = lock.packages.map(({ name, version }) => `${name}_${version}`);
  return (
    decisions.map(({ layer, outcome, reason }) => `${layer}: ${outcome} (${reason})\n`).join("") +
    subsection(subsections.environment) +
    `Base: ${lock.base}\nLock: ${lockDigest}\nEnvironment: ${key}\n` +
    `Toolchain package versions: ${packages.filter((each) => toolchain.test(each)).join(" ")}\n` +
    `Package versions: ${packages.join(" ")}\n` +
    subsection(subsections.build)
  );
}

const toolchain =
  /^(binutils|dpkg-dev|g\+\+-\d+|gcc-\d+|libc6-dev|libstdc\+\+\S*|libstdc\+\+6|linux-libc-dev)_/;
