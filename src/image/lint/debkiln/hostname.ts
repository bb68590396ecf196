import type { Lint } from "../lint.ts";
import { readText } from "../read.ts";

/** What container engines and builders call the machine that an image is built in. */
const builders = /^(?:[0-9a-f]{12}|[0-9a-f]{64}|localhost(?:\..*)?|buildkitsandbox|docker-desktop)$/;

/** Every machine of the image would bear the name of the machine that it was built on. */
export const hostname: Lint = {
  name: "hostname",
  type: "warning",
  origin: "debkiln",
  description:
    "/etc/hostname is not there, unless the definition wants it, or at least is not the building machine's.",
  hint: "Remove /etc/hostname; a definition sets it with customizations.hostname.",
  check: async ({ view, intended, machineNames }) => {
    const name = (await readText(view, "etc/hostname"))?.trim() ?? "";
    if (name === "" || name === intended.hostname) return null;
    const isAccident = builders.test(name) || machineNames.includes(name) || intended.hostname !== null;
    if (!isAccident) return null;
    return {
      message: `/etc/hostname is "${name}", which no machine of this image is called`,
      repairs: [{ do: "remove", path: view.resolve("etc/hostname") ?? "" }],
    };
  },
};
