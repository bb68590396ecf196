import { type KeyFile, parseKeyFile } from "../../host-files/key-file.ts";
import type { TreeView } from "../../tree/view.ts";
import type { Lint } from "../lint.ts";
import { readText } from "../read.ts";
import { baseImageRoots } from "./reference-root.ts";

const name = "ostree/prepare-root.conf";
/** The words of ostree-prepare-root(1) with which composefs is or may be on; any other counts as off. */
const enabling = new Set(["yes", "true", "1", "maybe", "signed", "verity"]);

/** Whether ostree makes / a composefs, or at least an overlay that is thrown away at shutdown. */
export const baseImageComposefs: Lint = {
  name: "baseimage-composefs",
  type: "warning",
  origin: "bootc",
  description: "ostree/prepare-root.conf, in /etc or else /usr/lib, enables composefs or a transient root.",
  hint:
    "Write [composefs] enabled=yes into /usr/lib/ostree/prepare-root.conf, and make the initramfs anew: it has a copy. " +
    'Of a definition, [bootc] backend = "ostree" or "composefs" does it.',
  check: async ({ view }) => {
    for (const root of baseImageRoots(view)) {
      const config = await prepareRootConfig(root);
      if (config === null) return { message: `${name} is not present to enable composefs` };
      if (!hasOverlay(config)) return { message: `${name} does not have composefs enabled` };
    }
    return null;
  },
};

/** Where ostree-prepare-root(1) looks for its configuration, first to last. */
export const prepareRootFiles: readonly string[] = [`etc/${name}`, `usr/lib/${name}`];

/** The configuration of ostree-prepare-root: the file in /etc or else the one in /usr/lib, never both. */
export async function prepareRootConfig(view: TreeView): Promise<KeyFile | null> {
  for (const path of prepareRootFiles) {
    const text = await readText(view, path);
    if (text !== null) return parseKeyFile(text, path);
  }
  return null;
}

function hasOverlay(config: KeyFile): boolean {
  const isTransient = config.boolean("root", "transient") ?? false;
  const composefs = config.text("composefs", "enabled");
  return isTransient || (composefs !== null && enabling.has(composefs));
}
