import type { Lint } from "../lint.ts";
import { readText } from "../read.ts";

const path = "etc/resolv.conf";
const target = "../run/systemd/resolve/stub-resolv.conf";

/** Name servers are the building machine's; a file in the image also keeps systemd-resolved from being asked. */
export const resolvConf: Lint = {
  name: "resolv-conf",
  type: "warning",
  origin: "debkiln",
  description: "/etc/resolv.conf is a link, or not there.",
  hint: `Make it the link ${target}, if systemd-resolved is in the image, or remove it.`,
  check: async ({ view }) => {
    const entry = view.lstat(path);
    if (entry === null || entry.type === "symlink") return null;
    if (((await readText(view, path)) ?? "").trim() === "") return null;
    const hasResolved = view.stat("usr/lib/systemd/systemd-resolved") !== null;
    const remove = { do: "remove", path: entry.path } as const;
    const link = { do: "symlink", path: entry.path, target } as const;
    return {
      message: "/etc/resolv.conf names the building machine's name servers",
      repairs: hasResolved ? [remove, link] : [remove],
    };
  },
};
