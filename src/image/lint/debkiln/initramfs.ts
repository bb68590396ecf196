import { initramfsFaults } from "../initramfs-faults.ts";
import { kernels } from "../kernels.ts";
import { type Lint, complaintOf } from "../lint.ts";

/** Without its initramfs, or with one that does not know how to find the root filesystem, an image does not boot. */
export const initramfs: Lint = {
  name: "initramfs",
  type: "fatal",
  origin: "debkiln",
  description:
    "The kernel has an initramfs.img beside it that is for this kernel and boots the image's backend.",
  hint:
    "Make it anew when kernel, prepare-root.conf and dracut's configuration are in place: dracut --force --no-hostonly " +
    '--add "ostree" (or "bootc") --kver VERSION /usr/lib/modules/VERSION/initramfs.img. debkiln image build does it.',
  check: async (subject) => {
    const kernel = kernels(subject.view).find(({ isPlain }) => isPlain);
    if (kernel === undefined) return null;
    const path = `usr/lib/modules/${kernel.version}/initramfs.img`;
    const file = subject.view.stat(path);
    if (file === null && kernel.unified !== null) return null;
    if (file?.type !== "file" || file.sizeBytes === 0)
      return { message: `No initramfs: there is no file /${path} with anything in it` };
    const items = await initramfsFaults(file, kernel.version, subject);
    return complaintOf([{ header: `Found faults in /${path}`, items }]);
  },
};
