import { readFile, readdir } from "node:fs/promises";
import { z } from "zod";
import { parseToml } from "../../base/toml.ts";
import type { Account } from "../account.ts";

const ContainersConf = z.object({
  containers: z.object({ default_ulimits: z.array(z.string()).optional() }).optional(),
});

/** `default_ulimits` as the account's podman has it; the last file that sets it wins (containers.conf(5)). */
export async function readDefaultUlimits(
  account: Account,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[] | null> {
  const single = environment["CONTAINERS_CONF"];
  let result: readonly string[] | null = null;
  for (const file of single === undefined ? await fileList(account, environment) : [single]) {
    const text = await readFile(file, "utf8").catch(() => "");
    result = defaultUlimits(text) ?? result;
  }
  return result;
}

/** What one file sets, or null. A file that is not TOML sets nothing: podman itself says so when it starts. */
export function defaultUlimits(text: string): readonly string[] | null {
  try {
    return (
      ContainersConf.safeParse(parseToml(text, "containers.conf").values).data?.containers?.default_ulimits ??
      null
    );
  } catch {
    return null;
  }
}

async function fileList(
  account: Account,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const own = `${environment["XDG_CONFIG_HOME"] ?? `${account.home}/.config`}/containers/containers.conf`;
  const files = [
    "/usr/share/containers/containers.conf",
    ...(await withDropIns("/etc/containers/containers.conf")),
  ];
  return account.uid === 0 ? files : [...files, ...(await withDropIns(own))];
}

async function withDropIns(file: string): Promise<readonly string[]> {
  const names = await readdir(`${file}.d`).catch((): string[] => []);
  const dropIns = names.filter((name) => name.endsWith(".conf")).toSorted();
  return [file, ...dropIns.map((name) => `${file}.d/${name}`)];
}
