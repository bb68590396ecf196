import { z } from "zod";
import { asFailure } from "../../../base/failure.ts";
import { parseToml } from "../../../base/toml.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { readDropIns } from "../read.ts";

const directory = "usr/lib/bootc/install";

/** As far as it is looked at (bootc-install-config(5)). */
const InstallFile = z.looseObject({
  install: z
    .looseObject({
      "root-fs-type": z.string().optional(),
      filesystem: z
        .looseObject({ root: z.looseObject({ type: z.string().optional() }).optional() })
        .optional(),
    })
    .optional(),
});

/** Without it `bootc install` stops and asks for --filesystem, and tools that make disks do not know what to make. */
export const installConfig: Lint = {
  name: "install-config",
  type: "warning",
  origin: "debkiln",
  description:
    "A file *.toml in /usr/lib/bootc/install says which file system the root is to be, and all are TOML.",
  hint: 'Write [install.filesystem.root] type = "ext4" into a file there; in a definition, [bootc.install] does it.',
  check: async ({ view }) => {
    const files = await readDropIns(view, directory, ".toml");
    const read = files.map(([name, text]) => readInstallFile(name, text));
    const faults = read.flatMap(({ fault }) => (fault === null ? [] : [fault]));
    if (faults.length > 0)
      return complaintOf([{ header: `Found broken files in /${directory}`, items: faults }]);
    if (read.some(({ filesystem }) => filesystem !== null)) return null;
    return { message: `No file in /${directory} says which file system the root is to be` };
  },
};

function readInstallFile(name: string, text: string): { fault: string | null; filesystem: string | null } {
  try {
    const { install } = InstallFile.parse(parseToml(text, name).values);
    return { fault: null, filesystem: install?.filesystem?.root?.type ?? install?.["root-fs-type"] ?? null };
  } catch (thrown) {
    const reason = thrown instanceof z.ZodError ? z.prettifyError(thrown) : asFailure(thrown).message;
    return { fault: `${name}: ${reason.split("\n")[0] ?? ""}`, filesystem: null };
  }
}
