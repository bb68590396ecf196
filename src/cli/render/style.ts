import { styleText } from "node:util";

/** The few looks that output has; the identity function where there is no colour. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly accent: (text: string) => string;
}

const plainStyle: Style = {
  bold: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  doubtful: (text) => text,
  accent: (text) => text,
};

const colourStyle: Style = {
  bold: paint("bold"),
  dim: paint("dim"),
  good: paint("green"),
  bad: paint(["bold", "red"]),
  doubtful: paint("yellow"),
  accent: paint("cyan"),
};

function paint(format: Parameters<typeof styleText>[0]): (text: string) => string {
  return (text) => styleText(format, text, { validateStream: false });
}

/** The style for a stream. An explicit choice wins over NO_COLOR (no-color.org), that over CLICOLOR_FORCE. */
export function chooseStyle(
  choice: "auto" | "always" | "never",
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  return wantsColour(choice, stream, environment) ? colourStyle : plainStyle;
}

function wantsColour(
  choice: "auto" | "always" | "never",
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== "auto") return choice === "always";
  if (environment["NO_COLOR"]) return false;
  if (environment["CLICOLOR_FORCE"] && environment["CLICOLOR_FORCE"] !== "0") return true;
  return stream.isTTY === true && environment["TERM"] !== "dumb";
}
