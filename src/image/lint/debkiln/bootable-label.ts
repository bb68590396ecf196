import type { Lint } from "../lint.ts";
import type { Repair } from "../repair.ts";

const labels = ["containers.bootc", "ostree.bootable"];

/** bootc refuses to install an image that does not say that it is one (ostree-ext, require_bootable). */
export const bootableLabel: Lint = {
  name: "bootable-label",
  type: "fatal",
  origin: "debkiln",
  needs: "config",
  description:
    "The image's configuration has the label containers.bootc or ostree.bootable, and its value is 1.",
  hint: "Build it with the label: LABEL containers.bootc=1. debkiln image build sets both.",
  check: ({ config }) => {
    const found = Object.entries(config?.config?.Labels ?? {}).filter(([name]) => labels.includes(name));
    const wrong = found.find(([, value]) => value !== "1");
    if (found.length === 0)
      return {
        message: `Neither label is there: ${labels.join(", ")}`,
        repairs: setting("containers.bootc"),
      };
    if (wrong === undefined) return null;
    return { message: `The label ${wrong[0]} is "${wrong[1]}", not 1`, repairs: setting(wrong[0]) };
  },
};

function setting(name: string): readonly Repair[] {
  return [{ do: "label", name, value: "1" }];
}
