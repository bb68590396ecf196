import { Failure } from "../base/failure.ts";
import { type Stanza, formatDeb822, parseDeb822 } from "./deb822.ts";

/**
 * The pins of a file of apt's preferences, apt_preferences(5), in one form: without comments and explanations, which change
 * nothing of what apt chooses. apt itself passes over what it does not understand; here that is refused.
 * @throws Failure bad-preferences (usage), naming file and line.
 */
export function readPreferences(text: string, origin: string): string {
  return formatDeb822(stanzasOf(text, origin).map((stanza) => pinOf(stanza)));
}

function stanzasOf(text: string, origin: string): readonly Stanza[] {
  try {
    return parseDeb822(text, origin, "usage");
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw new Failure("usage", "bad-preferences", thrown.message, { hint: form, cause: thrown });
  }
}

function pinOf(stanza: Stanza): readonly (readonly [string, string])[] {
  const { origin, line } = stanza.at;
  const bad = (what: string) =>
    new Failure("usage", "bad-preferences", `${origin}:${line}: ${what}`, { hint: form });
  const stray = stanza.fields().find(([name]) => !known.has(name.toLowerCase()));
  if (stray !== undefined) throw bad(`a pin has no field ${stray[0]}`);
  const packages = stanza.get("Package")?.replace(/\s+/g, " ") ?? "";
  const pin = stanza.get("Pin")?.replace(/\s+/g, " ") ?? "";
  const priority = stanza.get("Pin-Priority") ?? "";
  if (packages === "") throw bad("a pin must say for which Package it is");
  if (!/^(version|release|origin) \S/.test(pin))
    throw bad(`a Pin begins with version, release or origin, not ${JSON.stringify(pin)}`);
  // Zero is undefined in apt_preferences(5), and its numbers are short.
  if (!/^-?\d{1,5}$/.test(priority) || Number(priority) === 0 || Math.abs(Number(priority)) > 32_767)
    throw bad(`a Pin-Priority is a whole number other than 0, up to 32767, not ${JSON.stringify(priority)}`);
  return [
    ["Package", packages],
    ["Pin", pin],
    ["Pin-Priority", String(Number(priority))],
  ];
}

const known: ReadonlySet<string> = new Set(["explanation", "package", "pin", "pin-priority"]);

const form =
  "A pin has the fields Package, Pin and Pin-Priority, and an empty line after it (apt_preferences(5)).";
