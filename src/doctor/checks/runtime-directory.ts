import { rootFix } from "../commands.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

/** XDG_RUNTIME_DIR, which pam_systemd makes at login and su, cron and containers do not. */
export const runtimeDirectory: Check = (facts) => {
  const { account } = facts;
  if (account.uid === 0) return null;
  if (facts.runtimeDirectory !== null) return ok(`Runtime directory ${facts.runtimeDirectory}`);
  const path = `/run/user/${account.uid}`;
  return {
    status: "error",
    message: `${account.name} has no runtime directory ${path}`,
    why: "Rootless podman keeps its sockets and locks there; each login without it sees other containers.",
    fix: rootFix(facts, [
      facts.systemd
        ? `loginctl enable-linger ${account.name}`
        : `install -d -m 700 -o ${account.uid} ${path}`,
    ]),
  };
};
