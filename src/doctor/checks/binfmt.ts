import { architectures, mayRunNatively } from "../../debian/architecture.ts";
import { installCommands, rootFix } from "../commands.ts";
import type { Facts } from "../facts.ts";
import { ok, type Verdict } from "../finding.ts";
import type { Check } from "./check.ts";

const directory = "/proc/sys/fs/binfmt_misc";

/**
 * Whether programs of other architectures run: F (the interpreter is opened at registration, so that it works inside
 * containers) and C (set-user-id programs keep their meaning) are needed; kernel: admin-guide/binfmt-misc.
 */
export const binfmt: Check = (facts) => {
  if (facts.binfmt === null) return notMounted(facts);
  const wanted = foreignHandlers(facts.architecture);
  const missing = wanted.filter((name) => facts.binfmt?.get(name)?.enabled !== true);
  if (missing.length > 0) return notRegistered(facts, missing);
  const lacking = wanted.filter((name) => absentFlags(facts, name).length > 0);
  if (lacking.length > 0) return withoutFlags(facts, lacking);
  return ok("Programs of other architectures run through qemu");
};

/** The architectures for which bases are made; each through its own handler. */
const builtFor = ["amd64", "arm64", "armhf", "i386", "riscv64", "ppc64el", "s390x"];

function foreignHandlers(host: string): readonly string[] {
  const foreign = architectures.filter(({ name }) => builtFor.includes(name) && !runsOn(host, name));
  return [...new Set(foreign.map(({ qemu }) => qemu))].toSorted();
}

function runsOn(host: string, target: string): boolean {
  // Debian registers no handler for amd64 on i386: nearly every such processor runs both.
  return mayRunNatively(host, target) || (host === "i386" && target === "amd64");
}

function notMounted(facts: Facts): Verdict {
  return {
    status: "warning",
    message: "binfmt_misc is not mounted",
    why: "Programs of other architectures do not run, so only the host's own can be built for.",
    fix: rootFix(facts, [
      `sh -c 'mountpoint -q ${directory} || { modprobe binfmt_misc; mount -t binfmt_misc binfmt_misc ${directory}; }'`,
    ]),
  };
}

function notRegistered(facts: Facts, missing: readonly string[]): Verdict {
  const provider = hasOldPackages(facts) ? "qemu-user-static" : "qemu-user-binfmt";
  const support = facts.systemd ? [] : ["binfmt-support"];
  const present = missing.every((name) => facts.binfmtFiles.has(name));
  const installable = facts.programs.has("apt-get") ? installCommands([provider, ...support]) : null;
  const install = present ? [] : installable;
  // Registering the distribution's own lines needs neither systemd nor binfmt-support.
  const register = `sh -c 'for h in ${missing.join(" ")}; do test -e ${directory}/$h || cat /usr/lib/binfmt.d/$h.conf > ${directory}/register; echo 1 > ${directory}/$h; done'`;
  return {
    status: "warning",
    message: `No handler for programs of other architectures: ${missing.join(", ")}`,
    why: "Only packages of the architectures that have one can be built here.",
    ...(install === null ? {} : { fix: rootFix(facts, [...install, register]) }),
  };
}

function withoutFlags(facts: Facts, lacking: readonly string[]): Verdict {
  // The file in /etc keeps the flags over a boot; the two writes to the kernel make them count now.
  const renew = [
    `sed "s/[A-Z]*\\$/OCPF/" /usr/lib/binfmt.d/$h.conf > /etc/binfmt.d/$h.conf`,
    `echo -1 > ${directory}/$h`,
    `cat /etc/binfmt.d/$h.conf > ${directory}/register`,
  ].join(" && ");
  return {
    status: "warning",
    message: `qemu handlers without flags: ${lacking.map((name) => `${name} lacks ${absentFlags(facts, name).join(" and ")}`).join(", ")}`,
    why: "Without F they are not found inside containers; without C set-user-id programs run with the caller's rights there.",
    fix: rootFix(facts, [`sh -c 'mkdir -p /etc/binfmt.d; for h in ${lacking.join(" ")}; do ${renew}; done'`]),
  };
}

function absentFlags(facts: Facts, name: string): readonly string[] {
  const flags = facts.binfmt?.get(name)?.flags ?? "";
  return ["F", "C"].filter((flag) => !flags.includes(flag));
}

/** Debian to 12 and Ubuntu to 24.04 have the static interpreters, and handlers with F, in qemu-user-static. */
function hasOldPackages({ release }: Facts): boolean {
  const last = release.id === "ubuntu" ? 24.04 : 12;
  return release.version !== null && release.version <= last;
}
