import { exitCodes } from "../../base/failure.ts";
import { type CommandFacts, type FlagFacts, sharedFlags } from "./facts.ts";

/** The manual, debkiln(1), in the form of man(7). */
export function manualPage(all: readonly CommandFacts[]): string {
  return `${[
    '.\\" Made by "npm run docs" from what the commands say of themselves.',
    ".TH DEBKILN 1",
    ...section("NAME", ["debkiln \\- build Debian packages and bootc images in containers"]),
    ...section("SYNOPSIS", [
      ".B debkiln",
      ".I COMMAND",
      "[\\fIARGUMENT\\fR...] [\\fIFLAG\\fR...]",
      ".br",
      ".B debkiln",
      "[\\fICOMMAND\\fR] \\fB\\-\\-help\\fR",
      ".br",
      ".B debkiln \\-\\-version",
    ]),
    ...section("DESCRIPTION", [
      escaped(
        "debkiln builds Debian packages, and Debian images for bootc, in environments that are OCI images, through podman or docker.",
      ),
      ".PP",
      "Its commands:",
      ...all.flatMap(({ name, summary }) => tagged(`.B ${escaped(name)}`, summary)),
    ]),
    ...section("COMMANDS", all.flatMap(commandText)),
    ...section("FLAGS OF EVERY COMMAND", flagList(sharedFlags())),
    ...section(
      "EXIT STATUS",
      exits.flatMap(([code, meaning]) => tagged(`.B ${code}`, meaning)),
    ),
    ...section(
      "ENVIRONMENT",
      variables.flatMap(([name, meaning]) => tagged(`.B ${escaped(name)}`, meaning)),
    ),
    ...section(
      "FILES",
      files.flatMap(([name, meaning]) => tagged(`.I ${escaped(name)}`, meaning)),
    ),
    ...section("SEE ALSO", [
      ".BR dpkg\\-buildpackage (1),",
      ".BR sbuild (1),",
      ".BR podman (1),",
      ".BR deb\\-buildinfo (5),",
      ".BR mmdebstrap (1)",
    ]),
  ].join("\n")}\n`;
}

const exits: readonly (readonly [number, string])[] = [
  [0, "All was done."],
  [exitCodes.internal, "A fault of debkiln's own."],
  [exitCodes.usage, "The command line, a setting or a file of the user's is wrong."],
  [exitCodes.package, "The package does not build, or a check that was required found fault with it."],
  [exitCodes.dependency, "What it needs cannot be installed."],
  [exitCodes.infrastructure, "The engine, the network, a mirror, a registry or this host failed."],
  [exitCodes.interrupted, "It was interrupted."],
];

const variables: readonly (readonly [string, string])[] = [
  ["DEBKILN_*", "Settings: nearly each has a variable of its name in capitals, such as DEBKILN_TARGET."],
  ["DEBKILN_DEBUG", "Show logs and details, and where a failure was raised."],
  ["DOCKER_HOST, CONTAINER_HOST", "The engine, when neither --engine nor DEBKILN_ENGINE names one."],
  ["NO_COLOR", "Colour nothing."],
  ["http_proxy, https_proxy, no_proxy", "Proxies for downloads."],
];

const files: readonly (readonly [string, string])[] = [
  ["~/.config/debkiln/config.toml", "The user's settings and targets."],
  [".debkiln.toml", "A project's settings, which may only say how its own build runs."],
  ["~/.cache/debkiln", "What was downloaded, by its digest, and what is known of it."],
];

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${title.includes(" ") ? `"${title}"` : title}`, ...lines];
}

function commandText({
  name,
  summary,
  description,
  arguments: args,
  more,
  flags,
  examples,
}: CommandFacts): string[] {
  const words = args.map((each) => ` [\\fI${escaped(each.name.toUpperCase())}\\fR${more ? "..." : ""}]`);
  return [
    `.SS "debkiln ${escaped(name)}"`,
    `\\fBdebkiln ${escaped(name)}\\fR${words.join("")} [\\fIFLAG\\fR...]`,
    ".PP",
    line(summary),
    ...(description === "" ? [] : [".PP", ...description.split("\n").map(line)]),
    ...args.flatMap((each) => tagged(`.I ${escaped(each.name.toUpperCase())}`, each.description)),
    ...flagList(flags),
    ...examples.flatMap((each) => [
      ".PP",
      ...(each.description === "" ? [] : [line(`${each.description}:`)]),
      ".PP",
      ".nf",
      ".RS",
      line(each.command),
      ".RE",
      ".fi",
    ]),
  ];
}

function flagList(flags: readonly FlagFacts[]): string[] {
  return flags.flatMap(({ name, char, value, negated, description }) => {
    const short = char === null ? "" : `\\fB\\-${char}\\fR, `;
    const long = `\\fB\\-\\-${negated ? "[no\\-]" : ""}${escaped(name)}\\fR`;
    return tagged(`${short}${long}${value === null ? "" : ` \\fI${escaped(value)}\\fR`}`, description);
  });
}

function tagged(tag: string, text: string): string[] {
  return [".TP", tag, line(text)];
}

/** Text that begins a line of input: a dot or an apostrophe there would be a request (groff(7)). */
function line(text: string): string {
  return escaped(text).replace(/^(?=[.'])/, "\\&");
}

/** Backslashes, and the hyphens and quotes that a terminal is to show as they are typed (groff_char(7)). */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti");
}
