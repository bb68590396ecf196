import type { TreeView } from "../../tree/view.ts";
import { dpkgDirectory, dpkgHome } from "../dpkg.ts";
import type { Lint } from "../lint.ts";
import type { Repair } from "../repair.ts";
import { tmpfilesLines } from "../tmpfiles-lines.ts";

const target = `../../${dpkgHome}`;
const lineFile = "usr/lib/tmpfiles.d/zz-debkiln-dpkg.conf";

/** What is in /var stays as the first installation left it: after an update the database there tells of the old packages. */
export const dpkgLocation: Lint = {
  name: "dpkg-location",
  type: "warning",
  origin: "debkiln",
  description:
    "dpkg's database lies in /usr/lib/sysimage/dpkg, and a link and a line of tmpfiles.d lead from /var/lib/dpkg to it.",
  hint: `Move it there, make /${dpkgDirectory} the link ${target}, and declare the link with a line L+ of tmpfiles.d.`,
  check: async ({ view }) => {
    const entry = view.lstat(dpkgDirectory);
    const home = view.stat(dpkgHome);
    if (entry === null && home === null) return null;
    if (entry?.type === "directory") {
      const repairs = home === null ? movingFrom(entry.path) : [];
      return { message: `dpkg's database lies in /${dpkgDirectory}, which updates never reach`, repairs };
    }
    if (home?.type !== "directory" || (entry !== null && view.stat(dpkgDirectory)?.path !== home.path))
      return { message: `/${dpkgDirectory} does not lead to /${dpkgHome}` };
    if (!(await isDeclared(view)))
      return {
        message: `No line of tmpfiles.d makes the link /${dpkgDirectory} on machines that lack it`,
        repairs: [declaring],
      };
    return null;
  },
};

const declaring: Repair = {
  do: "write",
  path: lineFile,
  mode: 0o644,
  text: `L+ /${dpkgDirectory} - - - - ${target}\n`,
};

function movingFrom(path: string): readonly Repair[] {
  return [
    { do: "directory", path: "usr/lib/sysimage", mode: 0o755 },
    { do: "move", path, to: dpkgHome },
    { do: "symlink", path, target },
    declaring,
  ];
}

async function isDeclared(view: TreeView): Promise<boolean> {
  return (await tmpfilesLines(view)).some(
    ({ type, path }) => type.startsWith("L") && path === `/${dpkgDirectory}`,
  );
}
