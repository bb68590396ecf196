import { type Lint, complaintOf } from "../lint.ts";
import { kernelDirectories } from "../kernels.ts";
import { quotedPath } from "../quote.ts";
import { directoryNames } from "../read.ts";

/** The boot partition is mounted there and hides what the image has. Unified kernel images are taken out of EFI. */
export const nonemptyBoot: Lint = {
  name: "nonempty-boot",
  type: "warning",
  origin: "bootc",
  description: "/boot is there and has nothing in it but EFI.",
  hint: "Keep the kernel in /usr/lib/modules/VERSION/vmlinuz with its initramfs.img, and leave /boot empty.",
  check: ({ view }) => {
    const names = directoryNames(view, "boot");
    if (names === null)
      return {
        message: "Missing /boot directory",
        repairs: [{ do: "directory", path: "boot", mode: 0o755 }],
      };
    const found = names.filter((name) => name !== "EFI");
    const hasKernel = kernelDirectories(view).length === 1;
    const remove = found.map((name) => ({ do: "remove", path: view.resolve(`boot/${name}`) ?? "" }) as const);
    return complaintOf(
      [{ header: "Found non-empty /boot", items: found.map(quotedPath) }],
      hasKernel ? { repairs: remove } : {},
    );
  },
};
