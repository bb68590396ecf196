import { readFile } from "node:fs/promises";
import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { readPreferences } from "../debian/preferences.ts";

/** How apt is told to choose packages, beside what is asked of it: part of where a lock comes from. */
export const AptChoice = z
  .strictObject({
    /** `NAME=VALUE`, as apt's own `-o` takes it. */
    options: z.array(z.string()).readonly(),
    /** Text of apt_preferences(5); empty without pins. */
    preferences: z.string(),
  })
  .readonly();
export type AptChoice = z.infer<typeof AptChoice>;

/** What a target says of the choice. */
export interface ChoiceWords {
  readonly apt_options?: readonly string[] | undefined;
  /** Files of apt_preferences(5), or their text. */
  readonly preferences?: readonly string[] | undefined;
}

/** How apt is to choose for a target; undefined when nothing is said of it. @throws Failure bad-apt-option, bad-preferences (usage). */
export async function aptChoiceOf({
  apt_options: options = [],
  preferences = [],
}: ChoiceWords): Promise<AptChoice | undefined> {
  for (const each of options) requireOption(each);
  const texts = await Promise.all(preferences.map(preferencesIn));
  const text = texts.filter((each) => each !== "").join("\n");
  return options.length === 0 && text === "" ? undefined : { options: [...options], preferences: text };
}

/** The words of apt's command line for a choice's options. */
export function optionWords(choice: AptChoice | undefined): readonly string[] {
  return (choice?.options ?? []).flatMap((option) => ["-o", option]);
}

/** Whether something of it has to lie in apt's own directories. */
export function isPinning(choice: AptChoice | undefined): boolean {
  return choice !== undefined && choice.preferences !== "";
}

async function preferencesIn(source: string): Promise<string> {
  if (source.includes("\n")) return readPreferences(source, "the preferences");
  const text = await readFile(source, "utf8").catch((cause: unknown) => {
    throw new Failure("usage", "bad-preferences", `Cannot read the preferences ${source}`, {
      hint: "Name a file as apt_preferences(5) has it, or write its text.",
      cause,
    });
  });
  return readPreferences(text, source);
}

/** What is chosen may be steered; how packages are fetched, checked and installed is debkiln's own. */
function requireOption(option: string): void {
  const [, name, value] = /^([A-Za-z][A-Za-z0-9:_-]*)=([^\p{Cc}]*)$/u.exec(option) ?? [];
  if (name === undefined || value === undefined)
    throw badOption(
      `${JSON.stringify(option)} is no option of apt's`,
      "Write NAME=VALUE, such as APT::Default-Release=trixie-backports.",
    );
  const lower = name.toLowerCase();
  if (choosing.some((form) => form.test(lower))) return;
  const other = elsewhere.find(({ form }) => form.test(lower));
  throw badOption(
    `apt's option ${name} cannot be set`,
    other?.hint ??
      "Options that steer which packages are chosen can: APT::Install-Recommends, APT::Install-Suggests, APT::Default-Release, APT::Solver, pkgProblemResolver and the like.",
  );
}

/** apt's names, which it takes in any case. */
const choosing = [
  /^apt::(install-(recommends|suggests)|default-release|solver|build-essential|cache-(start|grow|limit))$/,
  /^apt::solver::[a-z-]+$/,
  /^apt::get::(always-include-phased-updates|never-include-phased-updates|phase-policy)$/,
  /^pkgproblemresolver::[a-z:-]+$/,
  /^debug::pkg[a-z:-]+$/,
];

const elsewhere: readonly { readonly form: RegExp; readonly hint: string }[] = [
  { form: /^acquire::.*(proxy|autodetect)/, hint: "Use proxy (--proxy)." },
  {
    form: /^acquire::https::(ca|verify)/,
    hint: "Use ca_bundle (--ca-bundle). Certificates are always checked.",
  },
  { form: /^acquire::check-(valid-until|date)/, hint: "Use check_valid_until (--no-check-valid-until)." },
  {
    form: /(insecure|weak|unauthenticated|trust)/,
    hint: "Every archive must be signed, by a key that is named: keyring (--keyring), or Signed-By of a repository.",
  },
  { form: /^acquire::/, hint: "debkiln downloads packages itself, checks them and tries again by itself." },
  {
    form: /^(dpkg|dir|rootdir)(::|$)/,
    hint: "How packages are installed is the same everywhere, so that equal environments are equal.",
  },
];

function badOption(message: string, hint: string): Failure {
  return new Failure("usage", "bad-apt-option", message, { hint });
}
