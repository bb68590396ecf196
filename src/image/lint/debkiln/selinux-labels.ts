import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";

/** Labels are the installing system's to give; in layers they make trouble for whoever has another policy. */
export const selinuxLabels: Lint = {
  name: "selinux-labels",
  type: "warning",
  origin: "debkiln",
  needs: "xattrs",
  description: "No file has the extended attribute security.selinux, nor one of overlayfs.",
  hint: "Make the image on a system without SELinux, or leave the attributes out of its layers.",
  check: ({ view }) => {
    const form = /^(?:security\.selinux|(?:trusted|user)\.overlay\..*)$/;
    const found = [...view.below(".")].filter(({ xattrs }) =>
      Object.keys(xattrs).some((name) => form.test(name)),
    );
    return complaintOf([
      {
        header: "Found attributes of SELinux or overlayfs",
        items: found.map(({ path }) => quotedPath(`/${path}`)),
      },
    ]);
  },
};
