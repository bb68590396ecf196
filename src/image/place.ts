import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";
import { parseReference, type Reference, withDefaultTag } from "../oci/reference.ts";

/** An image in a layout on disk; without a name it is the only one there. */
export interface LayoutPlace {
  readonly kind: "layout";
  readonly directory: string;
  readonly name: string | null;
}

/** Where an image may go to. */
export type Place =
  | { readonly kind: "registry"; readonly reference: Reference }
  | LayoutPlace
  | { readonly kind: "oci-archive"; readonly file: string; readonly name: string | null }
  | { readonly kind: "docker-archive"; readonly file: string; readonly reference: Reference }
  /** The image storage of podman or docker. */
  | { readonly kind: "engine"; readonly reference: Reference };

/**
 * Reads a place as containers-transports(5) writes it: `docker://REF` or a bare reference, `oci:DIRECTORY[:NAME]`,
 * `oci-archive:FILE[:NAME]`, `docker-archive:FILE:REF`, and `containers-storage:REF` or `docker-daemon:REF`, which both
 * mean the storage of the engine in use. @throws Failure bad-place, bad-reference (usage).
 */
export function parsePlace(text: string): Place {
  const [, transport = "", rest = ""] = /^([a-z-]+):(.*)$/s.exec(text) ?? [];
  switch (transport) {
    case "docker":
      if (!rest.startsWith("//")) throw badPlace(text, "Write docker://registry.example/name:tag.");
      return { kind: "registry", reference: withDefaultTag(parseReference(rest.slice(2))) };
    case "oci":
      return parseLayoutPlace(text);
    case "oci-archive": {
      const { path, name } = split(rest, text);
      return { kind: "oci-archive", file: path, name };
    }
    case "docker-archive": {
      const { path, name } = split(rest, text);
      if (name === null) throw badPlace(text, "Write docker-archive:FILE:NAME:TAG.");
      return { kind: "docker-archive", file: path, reference: withDefaultTag(parseReference(name)) };
    }
    case "containers-storage":
    case "docker-daemon":
      return { kind: "engine", reference: withDefaultTag(parseReference(rest)) };
    default:
      if (/^[./]/.test(text)) throw badPlace(text, `Write oci:${printableLine(text)} for a directory.`);
      return { kind: "registry", reference: withDefaultTag(parseReference(text)) };
  }
}

/** A layout as `DIRECTORY[:NAME]`, with or without `oci:` before it. @throws Failure bad-place (usage). */
export function parseLayoutPlace(text: string): LayoutPlace {
  const { path, name } = split(text.startsWith("oci:") ? text.slice("oci:".length) : text, text);
  return { kind: "layout", directory: path, name };
}

function split(rest: string, whole: string): { readonly path: string; readonly name: string | null } {
  const [, path = "", name = null] = /^([^:]+)(?::(.+))?$/s.exec(rest) ?? [];
  if (path === "")
    throw badPlace(whole, "Write oci:DIRECTORY:NAME, oci-archive:FILE:NAME or docker-archive:FILE:NAME.");
  return { path, name };
}

function badPlace(text: string, hint: string): Failure {
  return new Failure("usage", "bad-place", `"${printableLine(text)}" is no place for an image`, { hint });
}
