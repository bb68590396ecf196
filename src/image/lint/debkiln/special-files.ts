import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";

/** ostree and composefs have no room for them; engines need privileges to unpack them. */
export const specialFiles: Lint = {
  name: "special-files",
  type: "fatal",
  origin: "debkiln",
  description: "There are no devices, pipes or sockets.",
  hint: "Remove them; what the system needs at run time, udev, tmpfiles.d and socket units make.",
  check: ({ view }) => {
    const types = new Set(["character-device", "block-device", "fifo", "socket"]);
    const found = [...view.below(".")].filter(({ type }) => types.has(type));
    const items = found.map(({ path, type }) => `${quotedPath(`/${path}`)} (${type.replace("-", " ")})`);
    return complaintOf([{ header: "Found special files", items }], {
      repairs: found.map(({ path }) => ({ do: "remove", path }) as const),
    });
  },
};
