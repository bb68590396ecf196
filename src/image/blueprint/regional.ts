import { nearest } from "../../base/nearest.ts";
import { listedNames } from "./boot.ts";
import { type Part, lines, symlink, textFile, wanted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

/** Time zone, time servers, language and keyboard. @throws Failure definition-invalid-value (usage). */
export function regionalParts(definition: Definition): readonly Part[] {
  return [zonePart(definition), timePart(definition), languagePart(definition), keyboardPart(definition)];
}

function zonePart({ blueprint, place }: Definition): Part {
  const { timezone } = blueprint.customizations.timezone;
  if (timezone === undefined) return {};
  const from = "customizations.timezone";
  if (isZone(timezone)) {
    return {
      packages: wanted(from, "tzdata"),
      entries: [symlink("/etc/localtime", `../usr/share/zoneinfo/${timezone}`, from)],
    };
  }
  const near = nearest(timezone, Intl.supportedValuesOf("timeZone"));
  throw problem(place, ["customizations", "timezone", "timezone"], {
    code: "definition-invalid-value",
    message: `there is no time zone ${timezone}`,
    hint: near === null ? "Write it as Area/City, such as Europe/Berlin." : `Did you mean ${near}?`,
  });
}

function isZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** Servers for chrony when it is among the packages, else for systemd-timesyncd, in drop-ins of theirs. */
function timePart(definition: Definition): Part {
  const { ntpservers } = definition.blueprint.customizations.timezone;
  if (ntpservers.length === 0) return {};
  const from = "customizations.timezone.ntpservers";
  if (listedNames(definition).has("chrony")) {
    const sources = lines(...ntpservers.map((server) => `server ${server} iburst`));
    return { entries: [textFile("/etc/chrony/sources.d/50-image.sources", sources, from)] };
  }
  return {
    packages: wanted(from, "systemd-timesyncd"),
    entries: [
      textFile(
        "/usr/lib/systemd/timesyncd.conf.d/50-image.conf",
        lines("[Time]", `NTP=${ntpservers.join(" ")}`),
        from,
      ),
    ],
    enabled: ["systemd-timesyncd.service"],
  };
}

/** locale.conf(5), and Debian's old place of it as a link; /etc/locale.gen says which locales locale-gen(8) makes. */
function languagePart({ blueprint, place }: Definition): Part {
  const { languages } = blueprint.customizations.locale;
  const [first] = languages;
  if (first === undefined) return {};
  const from = "customizations.locale.languages";
  const wrong = languages.findIndex((each) => !builtIn.has(each) && !/\.UTF-8(?:@|$)/.test(each));
  if (wrong !== -1) {
    const [base = "", modifier] = (languages[wrong] ?? "").replace(/\.[^@]*/, "").split("@");
    throw problem(place, ["customizations", "locale", "languages", String(wrong)], {
      code: "definition-invalid-value",
      message: `the locale ${languages[wrong]} is not in UTF-8`,
      hint: `Write ${base}.UTF-8${modifier === undefined ? "" : `@${modifier}`}.`,
    });
  }
  const made = languages.filter((each) => !builtIn.has(each));
  return {
    packages: made.length === 0 ? [] : wanted(from, "locales"),
    entries: [
      textFile("/etc/locale.conf", lines(`LANG=${first}`), from),
      symlink("/etc/default/locale", "../locale.conf", from),
      ...(made.length === 0
        ? []
        : [textFile("/etc/locale.gen", lines(...made.map((each) => `${each} UTF-8`)), from)]),
    ],
    commands:
      made.length === 0 ? [] : [{ title: "make the locales", argv: ["locale-gen"], input: null, from }],
  };
}

/** Those that libc-bin brings. */
const builtIn: ReadonlySet<string> = new Set(["C", "POSIX", "C.UTF-8"]);

/** keyboard(5): for the console (console-setup) and for X and Wayland (systemd-localed) alike. */
function keyboardPart({ blueprint }: Definition): Part {
  const { keyboard } = blueprint.customizations.locale;
  const [, layout, variant = ""] = /^([^(]+)(?:\(([^)]+)\))?$/.exec(keyboard ?? "") ?? [];
  if (layout === undefined) return {};
  const from = "customizations.locale.keyboard";
  const text = lines(
    'XKBMODEL="pc105"',
    `XKBLAYOUT="${layout}"`,
    `XKBVARIANT="${variant}"`,
    'XKBOPTIONS=""',
    'BACKSPACE="guess"',
  );
  return {
    packages: wanted(from, "console-setup", "keyboard-configuration"),
    entries: [textFile("/etc/default/keyboard", text, from)],
  };
}
