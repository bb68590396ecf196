import { readFile } from "node:fs/promises";
import { architecture, architectures, runsNatively } from "../debian/architecture.ts";

/** How programs of an architecture run on this machine. */
export type Execution = "native" | "emulated" | "impossible";

/** Reads the text of a file, or gives null when there is none. */
export type ReadText = (path: string) => Promise<string | null>;

/**
 * How programs of each architecture run here: natively, or through a qemu-user handler of binfmt_misc that works inside
 * containers (flag F; kernel: admin-guide/binfmt-misc).
 */
export async function executions(
  host: string,
  read: ReadText = readOrNull,
): Promise<ReadonlyMap<string, Execution>> {
  const found = await Promise.all(
    architectures.map(async ({ name }) => [name, await executionOf(host, name, read)] as const),
  );
  return new Map(found);
}

async function executionOf(host: string, name: string, read: ReadText): Promise<Execution> {
  if (runsNatively(host, name)) return "native";
  const handler = await read(`/proc/sys/fs/binfmt_misc/${architecture(name).qemu}`);
  if (handler === null || !handler.startsWith("enabled")) return "impossible";
  return /^flags: *\S*F/m.test(handler) ? "emulated" : "impossible";
}

function readOrNull(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}
