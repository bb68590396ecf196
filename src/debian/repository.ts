import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { formatDeb822, parseDeb822 } from "./deb822.ts";
import type { Field, Stanza } from "./deb822.ts";
import { words } from "./field.ts";

const type = z.enum(["deb", "deb-src"]);
const word = z.string().regex(/^[^\s\0-\x1f\x7f]+$/);
/** Only cdrom's have spaces, inside brackets. */
const uri = z.string().regex(/^[a-z][a-z0-9+.-]*:[^\0-\x1f\x7f]+$/i);

/** One source of packages as apt knows it, sources.list(5). A suite that ends in "/" is an exact path. */
export const Repository = z
  .strictObject({
    types: z.array(type).min(1).readonly(),
    uris: z.array(uri).min(1).readonly(),
    suites: z.array(word).min(1).readonly(),
    components: z.array(word).readonly(),
    architectures: z.array(word).readonly().optional(),
    /** Paths or fingerprints, or one armored key in full; null for apt's own trusted keys. */
    signedBy: z.string().min(1).nullable(),
    checkValidUntil: z.boolean().optional(),
    trusted: z.boolean().optional(),
    enabled: z.boolean(),
    /** How much its packages are preferred, apt_preferences(5): in no file of sources, and only of repositories on disk. */
    priority: z.int().optional(),
  })
  .readonly();
export type Repository = z.infer<typeof Repository>;

/**
 * The repositories of a deb822 .sources file. Options not in `Repository` are left out. Raises `bad-control-data`,
 * `field-missing`, `bad-repository`.
 */
export function parseSources(text: string, origin: string): readonly Repository[] {
  return parseDeb822(text, origin, "usage").map((stanza) =>
    checkRepository(
      {
        types: words(stanza.require("Types")),
        uris: words(stanza.require("URIs")),
        suites: words(stanza.require("Suites")),
        components: words(stanza.get("Components") ?? ""),
        ...optionsOf((name) => optionOf(stanza, name)),
        enabled: truth(stanza.get("Enabled") ?? "yes") !== false,
      },
      origin,
      stanza.at.line,
    ),
  );
}

/** The repositories of a one-line .list file; comments (and so what is disabled) are not. Raises `bad-repository`. */
export function parseSourcesList(text: string, origin: string): readonly Repository[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.replace(/#.*/, "").trim();
    if (line === "") return [];
    const { type, options, uri, suite, components } = lineForm.exec(line)?.groups ?? {};
    const pairs = new Map(words(options ?? "").map(pairOf));
    const repository = {
      types: [type],
      uris: [uri],
      suites: [suite],
      components: words(components ?? ""),
      ...optionsOf((name) => pairs.get(name.toLowerCase())?.replaceAll(",", " ") ?? null),
      enabled: true,
    };
    return [checkRepository(repository, origin, index + 1)];
  });
}

/** The text of a .sources file with these repositories. */
export function formatSources(repositories: readonly Repository[]): string {
  return formatDeb822(repositories.map(fieldsOf));
}

/** Where the signed index of a suite is: below dists/, or in the path itself when the suite is an exact one. */
export function inReleaseUri(uri: string, suite: string): string {
  const base = uri.replace(/\/+$/, "");
  if (!suite.endsWith("/")) return `${base}/dists/${suite}/InRelease`;
  const path = suite.split("/").filter((part) => part !== "" && part !== ".");
  return [base, ...path, "InRelease"].join("/");
}

const lineForm =
  /^(?<type>deb|deb-src)\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<uri>(?:\[[^\]]*\]|[^\s[])+)\s+(?<suite>\S+)(?<components>(?:\s+\S+)*)$/;

/** `name=value`; `name+=` and `name-=` only change apt's defaults and are left out. */
function pairOf(option: string): readonly [string, string] {
  const [, name = "", value = ""] = /^([A-Za-z-]*[A-Za-z])=(.*)$/.exec(option) ?? [];
  return [name === "arch" ? "architectures" : name.toLowerCase(), value];
}

function optionsOf(get: (name: string) => string | null) {
  const architectures = get("Architectures");
  const [checkValidUntil, trusted] = [truth(get("Check-Valid-Until")), truth(get("Trusted"))];
  return {
    ...(architectures === null ? {} : { architectures: words(architectures) }),
    signedBy: get("Signed-By")?.trim() ?? null,
    ...(checkValidUntil === null ? {} : { checkValidUntil }),
    ...(trusted === null ? {} : { trusted }),
  };
}

function optionOf(stanza: Stanza, name: string): string | null {
  const value = stanza.get(name);
  return value === "" ? null : value;
}

/** apt-pkg's StringToBool. */
function truth(text: string | null): boolean | null {
  const word = text?.toLowerCase() ?? "";
  if (["no", "false", "without", "off", "disable", "0"].includes(word)) return false;
  return ["yes", "true", "with", "on", "enable", "1"].includes(word) ? true : null;
}

function checkRepository(value: unknown, origin: string, line: number): Repository {
  const result = Repository.safeParse(value);
  if (
    result.success &&
    result.data.suites.every((suite) => suite.endsWith("/") === (result.data.components.length === 0))
  ) {
    return result.data;
  }
  const why = result.success
    ? "components go with suites that do not end in /, and only with them"
    : z.prettifyError(result.error);
  throw new Failure("usage", "bad-repository", `${origin}, line ${line} is no source of packages: ${why}`, {
    hint: "sources.list(5) describes the form.",
    details: { origin, line },
  });
}

function fieldsOf(repository: Repository): readonly Field[] {
  const { architectures, signedBy, checkValidUntil, trusted } = repository;
  const fields: Field[] = [
    ["Types", repository.types.join(" ")],
    ["URIs", repository.uris.join(" ")],
    ["Suites", repository.suites.join(" ")],
  ];
  if (repository.components.length > 0) fields.push(["Components", repository.components.join(" ")]);
  if (architectures !== undefined) fields.push(["Architectures", architectures.join(" ")]);
  if (signedBy !== null) fields.push(["Signed-By", signedBy.includes("\n") ? `\n${signedBy}` : signedBy]);
  if (checkValidUntil !== undefined) fields.push(["Check-Valid-Until", checkValidUntil ? "yes" : "no"]);
  if (trusted !== undefined) fields.push(["Trusted", trusted ? "yes" : "no"]);
  if (!repository.enabled) fields.push(["Enabled", "no"]);
  return fields;
}
