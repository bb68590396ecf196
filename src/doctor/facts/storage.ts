import { readFile, readdir, stat } from "node:fs/promises";
import { z } from "zod";
import { parseToml } from "../../base/toml.ts";
import type { Account } from "../account.ts";

/** How podman stores, or will store, images for the account. */
export interface StorageFacts {
  /** `driver` of storage.conf, or null when none is set and podman chooses. */
  readonly driver: string | null;
  /** A program that mounts layers instead of the kernel (`fuse-overlayfs`), or null. */
  readonly mountProgram: string | null;
  /** The file that sets these, or null. */
  readonly file: string | null;
  /** The account's own file, there or not. */
  readonly ownFile: string;
  /** Where images are. */
  readonly graphRoot: string;
  /** The driver that an existing store was made with and whether anything is in it; null when there is no store yet. */
  readonly existing: { readonly driver: string; readonly empty: boolean } | null;
}

const StorageConf = z.object({
  storage: z
    .object({
      driver: z.string().optional(),
      graphroot: z.string().optional(),
      rootless_storage_path: z.string().optional(),
      options: z
        .object({
          mount_program: z.string().optional(),
          overlay: z.object({ mount_program: z.string().optional() }).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** Reads storage.conf as containers-storage.conf(5) has it: the account's own file, the host's, the distribution's. */
export async function readStorage(
  account: Account,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<StorageFacts> {
  const rootless = account.uid !== 0;
  const own = `${environment["XDG_CONFIG_HOME"] ?? `${account.home}/.config`}/containers/storage.conf`;
  const files = [
    ...(rootless ? [own] : []),
    "/etc/containers/storage.conf",
    "/usr/share/containers/storage.conf",
  ];
  const [file, text] = await firstReadable(files);
  const storage = StorageConf.safeParse(parsedToml(text)).data?.storage;
  const dataHome = environment["XDG_DATA_HOME"] ?? `${account.home}/.local/share`;
  // For an ordinary user the graphroot of the host's file is not used, only that of the user's own.
  const graphRoot = rootless
    ? ((file === own ? storage?.graphroot : undefined) ??
      storage?.rootless_storage_path?.replaceAll("$HOME", account.home) ??
      `${dataHome}/containers/storage`)
    : (storage?.graphroot ?? "/var/lib/containers/storage");
  return {
    driver: storage?.driver || null,
    mountProgram: storage?.options?.overlay?.mount_program || storage?.options?.mount_program || null,
    file,
    ownFile: own,
    graphRoot,
    existing: await existingStore(graphRoot),
  };
}

async function firstReadable(files: readonly string[]): Promise<[string | null, string]> {
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return [file, text];
  }
  return [null, ""];
}

function parsedToml(text: string): unknown {
  try {
    return parseToml(text, "storage.conf").values;
  } catch {
    // Podman itself names the faulty line when it starts.
    return {};
  }
}

/** A store has a directory `DRIVER-layers`; when there are two, podman goes on with the one that is not overlay. */
async function existingStore(graphRoot: string): Promise<StorageFacts["existing"]> {
  for (const driver of ["vfs", "btrfs", "zfs", "overlay"]) {
    const found = await stat(`${graphRoot}/${driver}-layers`).catch(() => null);
    if (found === null) continue;
    const contents = await Promise.all([
      readFile(`${graphRoot}/${driver}-images/images.json`, "utf8").catch(() => ""),
      readFile(`${graphRoot}/${driver}-containers/containers.json`, "utf8").catch(() => ""),
      readdir(`${graphRoot}/volumes`).then(
        (names) => names.join(""),
        () => "",
      ),
    ]);
    return { driver, empty: contents.every((content) => content === "" || content.trim() === "[]") };
  }
  return null;
}
