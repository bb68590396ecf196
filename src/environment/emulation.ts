import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BinfmtHandler, parseBinfmtHandler } from "../base/binfmt.ts";
import { Failure } from "../base/failure.ts";
import { architecture, architectures, mayRunNatively, runsNatively } from "../debian/architecture.ts";
import type { About } from "../engine/engine.ts";

/**
 * Refuses a foreign architecture whose programs the engine's host cannot run, before anything long begins. Of a remote
 * engine's host nothing is known here.
 * @throws Failure no-emulation (infrastructure).
 */
export async function requireRunnable(about: About, target: string, binfmt = registered): Promise<void> {
  if (mayRunNatively(about.architecture, target) || !about.endpoint.startsWith("unix:")) return;
  const { qemu } = architecture(target);
  const why = fault(await handlerAt(join(binfmt, qemu)));
  if (why === null) return;
  throw new Failure(
    "infrastructure",
    "no-emulation",
    `Programs of ${target} cannot run on this ${about.architecture} machine: the binfmt handler ${qemu} ${why}`,
    { hint: "`debkiln doctor --fix` sets up qemu-user and binfmt_misc.", details: { target, handler: qemu } },
  );
}

/** How programs of an architecture run on this machine. */
export type Execution = "native" | "emulated" | "impossible";

/** How programs of each architecture run on this machine: natively, or through a handler that works inside containers. */
export async function executions(host: string, binfmt = registered): Promise<ReadonlyMap<string, Execution>> {
  const found = await Promise.all(
    architectures.map(async ({ name, qemu }) => {
      if (runsNatively(host, name)) return [name, "native"] as const;
      const why = fault(await handlerAt(join(binfmt, qemu)));
      return [name, why === null ? "emulated" : "impossible"] as const;
    }),
  );
  return new Map(found);
}

const registered = "/proc/sys/fs/binfmt_misc";

async function handlerAt(path: string): Promise<BinfmtHandler | null> {
  return readFile(path, "utf8").then(parseBinfmtHandler, () => null);
}

/** F: the interpreter was opened at registration, so that it is found inside containers (kernel: admin-guide/binfmt-misc). */
function fault(handler: BinfmtHandler | null): string | null {
  if (handler === null) return "is not registered";
  if (!handler.enabled) return "is disabled";
  return handler.flags.includes("F") ? null : "lacks the flag F, without which containers do not find it";
}
