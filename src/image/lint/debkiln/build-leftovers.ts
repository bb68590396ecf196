import type { TreeView } from "../../tree/view.ts";
import { type Lint, complaintOf } from "../lint.ts";

const leftovers = [
  ".dockerenv",
  ".dockerinit",
  "debootstrap",
  "initrd.img",
  "initrd.img.old",
  "vmlinuz",
  "vmlinuz.old",
  "usr/sbin/policy-rc.d",
  "etc/apt/apt.conf.d/docker-autoremove-suggests",
  "etc/apt/apt.conf.d/docker-clean",
  "etc/apt/apt.conf.d/docker-gzip-indexes",
  "etc/apt/apt.conf.d/docker-no-languages",
  "etc/dpkg/dpkg.cfg.d/docker-apt-speedup",
];

/** Copies that passwd's tools and dpkg leave in /etc. */
const copies = /^(?:(?:passwd|group|shadow|gshadow|subuid|subgid)-|.*\.dpkg-(?:old|new|dist|tmp))$/;

/** What makes images of containers or packages and forgets to clean up; some of it changes how the system behaves. */
export const buildLeftovers: Lint = {
  name: "build-leftovers",
  type: "warning",
  origin: "debkiln",
  description:
    "Nothing is left of how the image was made: policy-rc.d, /.dockerenv, links to kernels in /, copies in /etc, downloads.",
  hint: "Remove them when the image is made.",
  check: ({ view }) => {
    const known = leftovers.filter((path) => view.lstat(path) !== null);
    const found = [...known, ...copiesIn(view), ...downloads(view)];
    return complaintOf([{ header: "Found leftovers of the build", items: found.map((path) => `/${path}`) }], {
      repairs: found.map((path) => ({ do: "remove", path: view.resolve(path) ?? path }) as const),
    });
  },
};

function copiesIn(view: TreeView): readonly string[] {
  return [...view.below("etc")]
    .filter(({ path, type }) => type === "file" && copies.test(path.slice(path.lastIndexOf("/") + 1)))
    .map(({ path }) => path);
}

/** apt's packages, indices and caches: out of date on the day after. */
function downloads(view: TreeView): readonly string[] {
  const places = ["var/cache/apt", "var/lib/apt/lists"];
  return places.flatMap((place) =>
    [...view.below(place)]
      .filter((entry) => entry.type === "file" && entry.sizeBytes > 0)
      .map(({ path }) => path),
  );
}
