import type { Lint } from "../lint.ts";
import type { TreeView } from "../../tree/view.ts";
import { kernels } from "../kernels.ts";
import type { Repair } from "../repair.ts";

/** bootc takes an image without a kernel, which then does not boot; see `kernel` for more than one. */
export const oneKernel: Lint = {
  name: "one-kernel",
  type: "fatal",
  origin: "debkiln",
  description:
    "There is exactly one kernel: /usr/lib/modules/VERSION/vmlinuz, or a unified kernel image of that version.",
  hint:
    "Install one package linux-image-*, and move its kernel from /boot/vmlinuz-VERSION to /usr/lib/modules/VERSION/vmlinuz. " +
    "In a definition, customizations.kernel.name names it.",
  check: ({ view }) => {
    const found = kernels(view);
    const [kernel] = found;
    if (kernel === undefined) {
      const stray = view.names("boot").filter((name) => name.startsWith("vmlinuz-"));
      const place = stray.length === 0 ? "" : `, only ${stray.map((name) => `/boot/${name}`).join(", ")}`;
      const message = `No kernel: there is no /usr/lib/modules/VERSION/vmlinuz${place}`;
      return { message, repairs: movingFrom(view, stray) };
    }
    if (found.length > 1)
      return {
        message: [{ header: "Found more than one kernel", items: found.map(({ version }) => version) }],
      };
    const path = kernel.unified ?? `usr/lib/modules/${kernel.version}/vmlinuz`;
    const file = view.stat(path);
    const isFile = file?.type === "file" && file.sizeBytes > 0;
    return isFile ? null : { message: `The kernel is no file with anything in it: /${path}` };
  },
};

/** Where it is plain which kernel is meant, and its modules are there, it only lies in the wrong place. */
function movingFrom(view: TreeView, [name, ...others]: readonly string[]): readonly Repair[] {
  const modules = `usr/lib/modules/${name?.slice("vmlinuz-".length)}`;
  if (name === undefined || others.length > 0 || view.lstat(modules)?.type !== "directory") return [];
  return [{ do: "move", path: `boot/${name}`, to: `${modules}/vmlinuz` }];
}
