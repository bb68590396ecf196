import { type Lint, complaintOf } from "../lint.ts";
import { quotedPath } from "../quote.ts";

/** In a layer such a name takes another file away (image-spec, layer.md#whiteouts), so no image can have a file of that name. */
export const whiteouts: Lint = {
  name: "whiteouts",
  type: "fatal",
  origin: "debkiln",
  description: "No file is named as layers name the removal of another, .wh.NAME.",
  hint: "Remove it: it is what is left of a layer that was unpacked by a tool that does not know whiteouts.",
  check: ({ view }) => {
    const found = [...view.below(".")].filter(({ path }) => /(?:^|\/)\.wh\.[^/]*$/.test(path));
    return complaintOf(
      [{ header: "Found whiteouts", items: found.map(({ path }) => quotedPath(`/${path}`)) }],
      {
        repairs: found.map(({ path }) => ({ do: "remove", path }) as const),
      },
    );
  },
};
