import { parseDeb822 } from "../../debian/deb822.ts";
import { textOf } from "../../oci/raw-text.ts";
import { readContent } from "../tree/tree.ts";
import type { TreeView } from "../tree/view.ts";

/** A package of which dpkg knows, as far as layers go by it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The name of the source that it was built from. */
  readonly source: string;
  /** Whether it is unpacked: of removed packages configuration files may be left. */
  readonly isInstalled: boolean;
}

/** Where dpkg's database is before and after an image's is moved out of /var. */
const homes = ["usr/lib/sysimage/dpkg", "var/lib/dpkg"];

/** Where a tree has dpkg's database; null when it has none. */
export function dpkgHome(view: TreeView): string | null {
  return homes.find((path) => view.stat(`${path}/status`)?.type === "file") ?? null;
}

/** All that a database's status tells of. @throws Failure bad-control-data, field-missing (package). */
export async function readStatus(view: TreeView, directory: string): Promise<readonly InstalledPackage[]> {
  const stanzas = parseDeb822(await textIn(view, `${directory}/status`), `/${directory}/status`);
  return stanzas.map((stanza) => {
    const name = stanza.require("Package");
    return {
      name,
      version: stanza.get("Version") ?? "",
      architecture: stanza.get("Architecture") ?? "",
      source: (stanza.get("Source") ?? name).replace(/\s.*$/s, ""),
      isInstalled: !/ (?:config-files|not-installed)$/.test(stanza.get("Status") ?? ""),
    };
  });
}

/** A file's text; empty when there is no such file. */
export async function textIn(view: TreeView, path: string): Promise<string> {
  const file = view.stat(path);
  return file?.type === "file" ? textOf(await readContent(file)) : "";
}
