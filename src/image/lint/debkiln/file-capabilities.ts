import { ownersOf } from "../dpkg.ts";
import { isKnownCapable } from "../known-privileges.ts";
import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";

/** As set-uid programs, by other means (capabilities(7)). */
export const fileCapabilities: Lint = {
  name: "file-capabilities",
  type: "warning",
  origin: "debkiln",
  needs: "xattrs",
  description: "No file has capabilities but those of Debian's packages.",
  hint: "Take them away: setcap -r PATH.",
  check: async ({ view, intended }) => {
    const unknown = [...view.below(".")]
      .filter(({ type, xattrs }) => type === "file" && "security.capability" in xattrs)
      .map(({ path }) => path)
      .filter((path) => !isKnownCapable(path) && !intended.setId.includes(path));
    const owners = await ownersOf(view, unknown);
    const items = unknown.map((path) => {
      const owner = owners.get(path);
      return `${quotedPath(`/${path}`)} (${owner === undefined ? "of no package" : `of the package ${owner}`})`;
    });
    return complaintOf([{ header: "Found unknown programs with capabilities", items }]);
  },
};
