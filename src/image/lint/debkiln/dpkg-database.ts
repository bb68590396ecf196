import { parseDeb822 } from "../../../debian/deb822.ts";
import type { Stanza } from "../../../debian/deb822.ts";
import { parseDpkgStatus } from "../../../debian/dpkg-status.ts";
import { dpkgDatabase, dpkgDirectory, dpkgHome } from "../dpkg.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { readText } from "../read.ts";

/** Scanners, bills of materials and whoever looks for a package's version go by the database; many images lose it. */
export const dpkgDatabaseReadable: Lint = {
  name: "dpkg-database",
  type: "fatal",
  origin: "debkiln",
  description:
    "dpkg's database is there, all that it has is installed wholly, and each package's list of files is there.",
  hint: "Never remove /var/lib/dpkg; move it to /usr/lib/sysimage/dpkg and leave a link. What is half installed, dpkg --configure -a mends.",
  check: async ({ view }) => {
    const database = dpkgDatabase(view);
    if (database === null)
      return {
        message: `No dpkg database: neither /${dpkgHome}/status nor /${dpkgDirectory}/status is there`,
      };
    const path = `${database}/status`;
    const text = (await readText(view, path)) ?? "";
    const installed = parseDpkgStatus(text, path);
    if (installed.length === 0) return { message: `/${path} has no installed package` };
    const info = new Set(view.names(`${database}/info`));
    const withoutList = installed
      .filter(
        ({ name, architecture }) => !info.has(`${name}.list`) && !info.has(`${name}:${architecture}.list`),
      )
      .map(({ name }) => name);
    return complaintOf([
      {
        header: "Found packages that are not installed wholly",
        items: parseDeb822(text, path).flatMap(oddState),
      },
      { header: `Found packages without a list of files in /${database}/info`, items: withoutList },
    ]);
  },
};

/** dpkg(1), "Package states": what is neither installed nor gone. */
function oddState(stanza: Stanza): readonly string[] {
  const [, flag = "", state = ""] = stanza.require("Status").split(/\s+/);
  const isWell = flag === "ok" && ["installed", "config-files", "not-installed"].includes(state);
  return isWell ? [] : [`${stanza.require("Package")} (${flag === "ok" ? state : `${flag} ${state}`})`];
}
