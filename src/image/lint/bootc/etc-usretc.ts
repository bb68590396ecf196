import type { Lint } from "../lint.ts";

/** bootc moves /etc to /usr/etc when it takes an image in; with both there it is unclear which one counts. */
export const etcUsrEtc: Lint = {
  name: "etc-usretc",
  type: "fatal",
  origin: "bootc",
  description: "There is no /usr/etc beside /etc.",
  hint: "Move what is in /usr/etc into /etc, and remove /usr/etc.",
  check: ({ view }) => {
    if (view.lstat("etc") === null || view.lstat("usr/etc") === null) return null;
    const message =
      "Found /usr/etc - this is a bootc implementation detail and not supported to use in containers";
    const isEmpty = view.lstat("usr/etc")?.type === "directory" && view.names("usr/etc").length === 0;
    return isEmpty ? { message, repairs: [{ do: "remove", path: "usr/etc" }] } : { message };
  },
};
