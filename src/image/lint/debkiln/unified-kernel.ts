import { peSections } from "../../initramfs/pe-sections.ts";
import { type FileBytes, readContent } from "../../tree/tree.ts";
import { initramfsFaults } from "../initramfs-faults.ts";
import { type Kernel, kernels } from "../kernels.ts";
import { type Lint, type Subject, complaintOf } from "../lint.ts";

/** A unified kernel image boots with what is built into it, whatever else the image has. */
export const unifiedKernel: Lint = {
  name: "unified-kernel",
  type: "fatal",
  origin: "debkiln",
  description:
    "A unified kernel image in /boot/EFI/Linux is whole, of its version, boots composefs and names its digest.",
  hint:
    "Make it anew with ukify, from the kernel and initramfs of the image and with composefs=DIGEST in its command line; " +
    "in a definition, [bootc] uki = true does it.",
  check: async (subject) => {
    const found = kernels(subject.view).filter(({ unified }) => unified !== null);
    const items = await Promise.all(found.map(async (kernel) => await faultsOf(kernel, subject)));
    return complaintOf([{ header: "Found faults in unified kernel images", items: items.flat() }]);
  },
};

async function faultsOf({ version, unified }: Kernel, subject: Subject): Promise<readonly string[]> {
  const file = unified === null ? null : subject.view.stat(unified);
  if (file?.type !== "file") return [`/${unified} (it is no file)`];
  const sections = await peSections(file);
  const [kernel, initrd, cmdline, uname] = [".linux", ".initrd", ".cmdline", ".uname"].map((name) =>
    sections.get(name),
  );
  const faults: string[] = [];
  if (kernel === undefined) faults.push("it has no kernel");
  const name = uname === undefined ? version : await textOf(uname);
  if (name !== version) faults.push(`it is of the kernel ${name}`);
  const words = cmdline === undefined ? [] : (await textOf(cmdline)).split(/\s+/);
  if (!words.some((word) => word.startsWith("composefs="))) faults.push("its command line has no composefs=");
  if (initrd === undefined) faults.push("it has no initramfs");
  else
    faults.push(
      ...(await initramfsFaults(initrd, version, subject)).map((fault) => `of its initramfs: ${fault}`),
    );
  return faults.map((fault) => `/${unified} (${fault})`);
}

/** Text in a section, which may end in zeros. */
async function textOf(section: FileBytes): Promise<string> {
  return Buffer.from(await readContent(section))
    .toString("utf8")
    .replace(/\0[^]*$/, "")
    .trim();
}
