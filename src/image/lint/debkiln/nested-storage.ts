import { type Lint, complaintOf } from "../lint.ts";

const storages = [
  "var/lib/containers/storage",
  "usr/lib/containers/storage",
  "root/.local/share/containers/storage",
  "var/lib/docker",
];
/** Directories of the storage drivers, in which images lie. */
const drivers = ["overlay", "overlay2", "vfs", "btrfs", "fuse-overlayfs"];

/** Layers within layers: their whiteouts and attributes do not survive an import (bootc#128), and in /var no update. */
export const nestedStorage: Lint = {
  name: "nested-storage",
  type: "fatal",
  origin: "debkiln",
  description: "No container images are stored in the image.",
  hint: "Name them in /usr/lib/bootc/bound-images.d instead; in a definition, [bootc] bound_images does it.",
  check: ({ view }) => {
    const found = storages.filter((storage) =>
      drivers.some((driver) => view.names(`${storage}/${driver}`).length > 0),
    );
    return complaintOf([{ header: "Found container storage", items: found.map((path) => `/${path}`) }]);
  },
};
