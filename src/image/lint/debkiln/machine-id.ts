import type { Lint } from "../lint.ts";
import { readText } from "../read.ts";

const path = "etc/machine-id";
const wanted = "uninitialized";

/** A machine is what machine-id(5) says it is; only "uninitialized" makes the first boot one that applies presets. */
export const machineId: Lint = {
  name: "machine-id",
  type: "warning",
  origin: "debkiln",
  description: "/etc/machine-id has the word uninitialized, and D-Bus has no id of its own.",
  hint: "Write the word uninitialized into /etc/machine-id: systemd then makes an id, and takes the boot for the first one.",
  check: async ({ view }) => {
    const write = {
      do: "write",
      path: view.resolve(path) ?? path,
      mode: 0o444,
      text: `${wanted}\n`,
    } as const;
    const text = await readText(view, path);
    if (text === null) return { message: `Missing /${path}`, repairs: [write] };
    const repairs = [{ do: "remove", path: write.path }, write] as const;
    if (text.trim() === "")
      return {
        message: `/${path} is empty: no boot would be the first one, and units that wait for it never run`,
        repairs,
      };
    if (text.trim() !== wanted)
      return { message: `/${path} has an id: every machine would be the same one`, repairs };
    const own = view.lstat("var/lib/dbus/machine-id");
    if (own === null || own.type === "symlink") return null;
    return {
      message: "/var/lib/dbus/machine-id is no link to /etc/machine-id: every machine would be the same one",
      repairs: [{ do: "remove", path: own.path }],
    };
  },
};
