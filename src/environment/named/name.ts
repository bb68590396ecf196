import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import { tagForm } from "../../oci/reference.ts";

/** A named environment, or one of its snapshots. */
export interface EnvironmentName {
  readonly name: string;
  /** Null for the environment as it is now. */
  readonly snapshot: string | null;
}

const repository = "localhost/debkiln/named/";
const currentTag = "latest";
const nameForm = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const longestName = 64;

/** Reads `NAME` or `NAME@SNAPSHOT`. @throws Failure bad-environment-name (usage). */
export function parseEnvironmentName(text: string): EnvironmentName {
  const [name = "", ...rest] = text.split("@");
  if (!nameForm.test(name) || name.length > longestName || rest.length > 1) throw badName(text);
  const [snapshot = null] = rest;
  return { name, snapshot: snapshot === null ? null : checkSnapshotName(snapshot) };
}

/** A word that is a name and not a snapshot. @throws Failure bad-environment-name (usage). */
export function checkName(text: string): string {
  const { name, snapshot } = parseEnvironmentName(text);
  if (snapshot !== null) throw badName(text);
  return name;
}

/** A word that can be a snapshot's name. @throws Failure bad-environment-name (usage). */
export function checkSnapshotName(text: string): string {
  if (tagForm.test(text) && text !== currentTag) return text;
  throw new Failure("usage", "bad-environment-name", `"${printableLine(text)}" cannot be a snapshot's name`, {
    hint: `It has at most 128 letters, digits, dots, dashes and underscores, and is not "${currentTag}".`,
  });
}

/** The reference of the image that is the environment or snapshot: `podman run` and `docker run` take it as well. */
export function namedReference({ name, snapshot }: EnvironmentName): string {
  return `${repository}${name}:${snapshot ?? currentTag}`;
}

/** What a reference names, or null when that is no named environment. */
export function nameInReference(reference: string): EnvironmentName | null {
  const [, name = "", tag = ""] =
    /^(?:.*\/)?localhost\/debkiln\/named\/([^/:@]+):([^/:@]+)$/.exec(reference) ?? [];
  if (!nameForm.test(name) || !tagForm.test(tag)) return null;
  return { name, snapshot: tag === currentTag ? null : tag };
}

/** As people write it. */
export function formatName({ name, snapshot }: EnvironmentName): string {
  return snapshot === null ? name : `${name}@${snapshot}`;
}

function badName(text: string): Failure {
  return new Failure(
    "usage",
    "bad-environment-name",
    `"${printableLine(text)}" cannot be an environment's name`,
    {
      hint: `It has at most ${longestName} lower-case letters and digits, with single dots, dashes or underscores between them; NAME@SNAPSHOT means a snapshot where one is allowed.`,
    },
  );
}
