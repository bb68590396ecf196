import { malformed } from "../../host-files/malformed.ts";
import type { Lint } from "../lint.ts";
import { kernelDirectories } from "../kernels.ts";

/** bootc takes the one kernel that it finds. That there is none it does not mind here: see `one-kernel`. */
export const kernel: Lint = {
  name: "kernel",
  type: "fatal",
  origin: "bootc",
  description: "At most one directory in /usr/lib/modules has a vmlinuz.",
  hint: "Remove the packages of the kernels that are not to be booted.",
  check: ({ view }) => {
    const found = kernelDirectories(view);
    if (found.length > 1)
      throw malformed(
        "Found multiple subdirectories in usr/lib/modules",
        `Keep one of the kernels ${found.join(", ")}: remove the packages of the others.`,
      );
    return null;
  },
};
