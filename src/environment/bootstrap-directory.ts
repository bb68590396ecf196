import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

/**
 * Where mmdebstrap may work: the directory for temporary files, or /var/tmp when others cannot pass to that, as libpam-tmpdir
 * has it. In an unprivileged user's namespace mmdebstrap is one of those others (user_namespaces(7)).
 */
export async function bootstrapDirectory(
  user: "root" | "ordinary" = process.getuid?.() === 0 ? "root" : "ordinary",
  wanted = tmpdir(),
): Promise<string> {
  return user === "root" || (await isOpen(wanted)) ? wanted : "/var/tmp";
}

async function isOpen(directory: string): Promise<boolean> {
  const { mode } = await stat(directory);
  if ((mode & 0o001) === 0) return false;
  const above = dirname(directory);
  return above === directory || (await isOpen(above));
}
