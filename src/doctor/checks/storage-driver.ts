import { commandsOf, rootFix, type Writing } from "../commands.ts";
import type { Facts } from "../facts.ts";
import { mountOf } from "../facts/mounts.ts";
import { ok, type Fix } from "../finding.ts";
import { usesPodman } from "./packages.ts";
import type { Check } from "./check.ts";

/** vfs or fuse-overlayfs where the kernel's own overlay would do (containers-storage.conf(5)). */
export const storageDriver: Check = (facts) => {
  if (!usesPodman(facts)) return null;
  const { storage, account } = facts;
  const driver = storage.existing?.driver ?? storage.driver ?? (account.uid === 0 ? "overlay" : null);
  const slow = slowness(driver, storage.mountProgram);
  if (slow === null) return ok(`Images are stored with ${driver === "overlay" ? "native overlay" : driver}`);
  if (!overlayWorks(facts)) {
    return { status: "warning", message: `${slow}; native overlay does not work here`, why: whySlow };
  }
  return {
    status: "warning",
    message: `${slow}, though native overlay works here`,
    why: whySlow,
    fix: fixFor(facts),
  };
};

const whySlow =
  "MANY TIMES SLOWER: vfs copies the whole root filesystem for every layer and every container; fuse-overlayfs sends every file access through a user's process.";

function slowness(driver: string | null, mountProgram: string | null): string | null {
  if (driver === "vfs") return "Images are stored with vfs";
  if (driver === null) return "No storage driver is set, so podman may choose vfs for a new user";
  if (driver === "overlay" && mountProgram !== null) return `Layers are mounted by ${mountProgram}`;
  return null;
}

/** Ordinary users may mount overlay since Linux 5.13 (5.11 without labels); it does not lie on itself or on network filesystems. */
function overlayWorks({ account, kernel: [major, minor], storage, mounts }: Facts): boolean {
  const type = mountOf(storage.graphRoot, mounts)?.type ?? "";
  const newEnough = account.uid === 0 || major > 5 || (major === 5 && minor >= 11);
  return newEnough && !["overlay", "nfs", "nfs4", "fuse.fuse-overlayfs", "9p"].includes(type);
}

/** Sets the driver: root for the whole host, a user for himself. A store of another driver must go before that counts. */
function fixFor(facts: Facts): Fix {
  const { storage } = facts;
  const configured = storage.driver === "overlay" && storage.mountProgram === null;
  const own = !facts.privileged || storage.file === storage.ownFile;
  const step = configuration(facts, own ? storage.ownFile : "/etc/containers/storage.conf");
  const configure = configured ? [] : own ? commandsOf([step]) : rootFix(facts, [step]).commands;
  const reset =
    storage.existing !== null && storage.existing.driver !== "overlay" ? [resetCommand(facts)] : [];
  return {
    commands: [...reset, ...configure],
    needsRoot: configure.length > 0 && !own,
    ...(reset.length === 0 || storage.existing?.empty === true
      ? {}
      : {
          consent: `\`podman system reset\` DESTROYS all images, containers and volumes in ${storage.graphRoot}, not only debkiln's: a store made with one driver cannot be read with another`,
        }),
  };
}

/** Done as the account itself, also when root looks on its behalf. */
function resetCommand({ account, privileged }: Facts): string {
  const reset = "podman system reset --force";
  if (!privileged || account.uid === 0) return reset;
  return `runuser -u ${account.name} -- env HOME=${account.home} XDG_RUNTIME_DIR=/run/user/${account.uid} ${reset}`;
}

function configuration({ account, storage }: Facts, file: string): string | Writing {
  if (storage.file !== file) {
    const places = ['runroot = "/run/containers/storage"', 'graphroot = "/var/lib/containers/storage"'];
    // In a user's own file the places would be taken literally; without them podman uses the home directory.
    const isOwn = account.uid !== 0 && file === storage.ownFile;
    return { path: file, lines: ["[storage]", 'driver = "overlay"', ...(isOwn ? [] : places)] };
  }
  const edits = [
    // A driver line of any form goes, and the right one comes after the table's head.
    "/^ *driver *=/d",
    "/^ *mount_program *=/d",
    String.raw`s/^ *\[storage\] *$/[storage]\ndriver = "overlay"/`,
  ];
  return `sed -i.before-debkiln ${edits.map((edit) => `-e '${edit}'`).join(" ")} ${file}`;
}
