import type { Lint } from "../lint.ts";
import { kernels } from "../kernels.ts";

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
      return { message: `No kernel: there is no /usr/lib/modules/VERSION/vmlinuz${place}` };
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
