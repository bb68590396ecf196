import { installCommands, rootFix } from "../commands.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

/** The oldest podman that was tried: Debian 12's. */
const oldestPodman = [4, 3] as const;

export const engineInstalled: Check = (facts) => {
  const missing = facts.engines.filter(
    (engine) => !facts.programs.has(engine === "podman" ? "podman" : "dockerd"),
  );
  // An engine reached through a socket alone will do, unless the caller asked for podman and docker by name.
  if (missing.length === 0 || (facts.engines.length === 1 && facts.docker.accessible)) {
    return ok(`A container engine is there: ${facts.programs.has("podman") ? "podman" : "docker"}`);
  }
  const packages = missing.map((engine) => (engine === "podman" ? "podman" : "docker.io"));
  return {
    status: "error",
    message: `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not installed`,
    why: "debkiln builds in containers and needs an engine that runs them.",
    ...(facts.programs.has("apt-get")
      ? {
          fix: rootFix(
            facts,
            installCommands(packages.includes("podman") ? [...packages, "crun"] : packages),
          ),
        }
      : {}),
  };
};

export const podmanVersion: Check = ({ podmanVersion: version }) => {
  if (version === null) return null;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldestPodman[0] || (major === oldestPodman[0] && minor >= oldestPodman[1]))
    return ok(`podman ${version}`);
  return {
    status: "error",
    message: `podman ${version} is too old: ${oldestPodman.join(".")} is the oldest that debkiln was tried with`,
    why: "Older ones lack parts of the API that builds use. Debian 12 has 4.3, Debian 13 has 5.4.",
  };
};

export const dockerPermission: Check = (facts) => {
  const { account, docker } = facts;
  if (docker.socket === null) return null;
  if (docker.accessible || account.uid === 0) return ok("docker's socket is open to the user");
  return {
    status: facts.programs.has("podman") && !facts.engines.includes("docker") ? "warning" : "error",
    message: `${account.name} may not use docker's socket ${docker.socket}`,
    why: "docker cannot be used as the engine; rootless podman needs no such permission.",
    fix: rootFix(
      facts,
      [`usermod --append --groups docker ${account.name}`],
      "members of the group docker are as good as root on this host; it counts from the next login on",
    ),
  };
};
