import { Failure } from "../../base/failure.ts";
import { nameOf } from "../tree/path.ts";
import type { Changes } from "./changes.ts";
import type { Facts, FinishOptions } from "./options.ts";

/** What installation leaves behind outside /var, which has a table of its own. */
const debris: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/, "backups of the account files"],
  [/^etc\/(?:\.pwd|passwd|group|shadow|gshadow|subuid|subgid)\.lock$/, "locks"],
  [/^etc\/ld\.so\.cache~$/, "half-written files"],
  [/^etc\/xml\/[^/]*\.old$/, "earlier versions of catalogs"],
  [/^etc\/sgml\/[^/]*\.old$/, "earlier versions of catalogs"],
  [/^usr\/share\/info\/dir\.old$/, "earlier versions of catalogs"],
  [/^etc\/.*\.dpkg-(?:new|tmp)$/, "half-written files"],
  [/^usr\/lib\/modules\/[^/]+\/initrd$/, "the initramfs is made for the image"],
];

/**
 * Removes what installation leaves behind, what no image can hold (devices, pipes, sockets), and Python's compiled files
 * that have their source's time in them: on hosts that time is another, and nothing could write them anew.
 * @throws Failure whiteout-name (package).
 */
export function dropDebris(changes: Changes, _: FinishOptions, { datedBytecode }: Facts): void {
  for (const entry of changes.tree.values()) {
    const { path, type } = entry;
    if (nameOf(path).startsWith(".wh.")) throw whiteout(path);
    if (datedBytecode.has(path)) changes.drop(path, "compiled Python with its source's time in it");
    else if (isSpecial(type)) changes.drop(path, "devices, pipes and sockets cannot be in an image");
    else if (type !== "directory") {
      const reason = debris.find(([pattern]) => pattern.test(path))?.[1];
      if (reason !== undefined) changes.drop(path, reason);
    }
  }
  dropPolicy(changes);
}

function isSpecial(type: string): boolean {
  return type === "character-device" || type === "block-device" || type === "fifo" || type === "socket";
}

const policy = "usr/sbin/policy-rc.d";

/** The file that keeps services from starting while packages are installed, if it is ours: it does nothing else. */
function dropPolicy(changes: Changes): void {
  const entry = changes.get(policy);
  if (entry?.type !== "file" || entry.content.from !== "bytes") return;
  if (/^#!\/bin\/sh\n+exit 101\n*$/.test(Buffer.from(entry.content.bytes).toString()))
    changes.drop(policy, "kept services from starting while packages were installed");
}

function whiteout(path: string): Failure {
  return new Failure(
    "package",
    "whiteout-name",
    `/${path} cannot be in an image: its name means a removal there`,
    {
      hint: "Names that begin with .wh. are the OCI image format's own (image-spec, layer.md); remove or rename it.",
    },
  );
}
