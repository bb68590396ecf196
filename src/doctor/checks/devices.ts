import { rootFix } from "../commands.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

const devices = {
  fuse: { path: "/dev/fuse", numbers: "10 229", use: "fuse-overlayfs cannot mount layers" },
  tun: { path: "/dev/net/tun", numbers: "10 200", use: "an ordinary user's containers get no network" },
} as const;

/** Device files that rootless networking and storage open as the user. */
export const openDevices: Check = (facts) => {
  const names = (["fuse", "tun"] as const).filter(
    (name) => facts.devices[name] === null || !isOpen(facts.devices[name]),
  );
  if (names.length === 0) return ok("/dev/fuse and /dev/net/tun are open to users");
  const closed = names.map((name) => devices[name]);
  return {
    status: facts.account.uid !== 0 && names.includes("tun") ? "error" : "warning",
    message: `${closed.map(({ path }) => path).join(" and ")} ${closed.length > 1 ? "are" : "is"} missing or closed to ordinary users`,
    why: `${closed.map(({ use }) => use).join("; ")}.`,
    fix: rootFix(
      facts,
      closed.map(
        ({ path, numbers }) =>
          `sh -c 'mkdir -p ${path.slice(0, path.lastIndexOf("/"))} && { test -c ${path} || mknod ${path} c ${numbers}; } && chmod 666 ${path}'`,
      ),
    ),
  };
};

function isOpen(mode: number): boolean {
  return (mode & 0o006) === 0o006;
}
