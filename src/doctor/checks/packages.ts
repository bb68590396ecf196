import { installCommands, rootFix } from "../commands.ts";
import type { Facts } from "../facts.ts";
import { ok, type Verdict } from "../finding.ts";
import type { Program } from "../programs.ts";
import type { Check } from "./check.ts";

interface Need {
  /** Any of these will do. */
  readonly programs: readonly Program[];
  readonly package: string;
  readonly why: string;
}

/** Podman's parts that Debian's podman only recommends. */
const needs = {
  runtime: [{ programs: ["crun", "runc"], package: "crun", why: "nothing starts containers" }],
  network: [
    { programs: ["netavark"], package: "netavark", why: "podman has no network backend" },
    {
      programs: ["aardvark-dns"],
      package: "aardvark-dns",
      why: "containers cannot resolve each other's names",
    },
    { programs: ["iptables"], package: "iptables", why: "netavark cannot set up its bridge" },
    { programs: ["nft"], package: "nftables", why: "newer netavark cannot set up its bridge" },
  ],
  rootlessNetwork: [
    {
      programs: ["slirp4netns", "pasta"],
      package: "slirp4netns",
      why: "a user's containers have no network",
    },
  ],
  idMaps: [
    { programs: ["newuidmap"], package: "uidmap", why: "podman cannot map a user's subordinate ids" },
    { programs: ["newgidmap"], package: "uidmap", why: "podman cannot map a user's subordinate ids" },
  ],
  bootstrap: [
    {
      programs: ["mmdebstrap"],
      package: "mmdebstrap",
      why: "base environments are made inside a container of a registry image instead, which is slower",
    },
  ],
} as const satisfies Record<string, readonly Need[]>;

export const containerRuntime: Check = (facts) =>
  usesPodman(facts) ? judge(facts, needs.runtime, "error", "A container runtime") : null;

export const networkBackend: Check = (facts) =>
  usesPodman(facts) ? judge(facts, needs.network, "error", "Podman's network backend") : null;

export const rootlessNetwork: Check = (facts) =>
  usesPodman(facts) && facts.account.uid !== 0
    ? judge(facts, needs.rootlessNetwork, "error", "Networking for users' containers")
    : null;

export const idMaps: Check = (facts) =>
  usesPodman(facts) && facts.account.uid !== 0
    ? judge(facts, needs.idMaps, "error", "newuidmap and newgidmap")
    : null;

export const bootstrapTool: Check = (facts) => judge(facts, needs.bootstrap, "warning", "mmdebstrap");

export function usesPodman(facts: Facts): boolean {
  return facts.programs.has("podman") || facts.engines.includes("podman");
}

function judge(facts: Facts, list: readonly Need[], status: "warning" | "error", title: string): Verdict {
  const missing = list.filter((need) => !need.programs.some((program) => facts.programs.has(program)));
  if (missing.length === 0) return ok(`${title}: installed`);
  const packages = [...new Set(missing.map((need) => need.package))];
  return {
    status,
    message: `${missing.map(({ programs }) => programs.join(" or ")).join(", ")} missing`,
    why: `${[...new Set(missing.map(({ why }) => why))].join("; ")}.`,
    ...(facts.programs.has("apt-get") ? { fix: rootFix(facts, installCommands(packages)) } : {}),
  };
}
