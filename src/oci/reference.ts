import { type Digest, isDigest } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";

/** Names an image in a registry: `registry/repository:tag@digest`. */
export interface Reference {
  /** Host with its port, if any: `registry.example`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Slash-separated path below the registry: `debian/server`. */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: Digest | null;
}

/**
 * Reads a reference by the grammar that docker and podman share (distribution/reference, reference.go). A first part
 * without dot or port that is not `localhost` belongs to the repository on docker.io, and `debian` alone means
 * `docker.io/library/debian`. @throws Failure bad-reference (usage).
 */
export function parseReference(text: string): Reference {
  const shown = printableLine(text);
  const [named = "", digest, ...more] = text.split("@");
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw badReference(shown, "A digest is sha256: and 64 hex digits.");
  }
  const { registry, rest } = splitRegistry(named);
  const [, repository = "", tag] = /^([^:]*)(?::(.*))?$/s.exec(rest) ?? [];
  if (!registryForm.test(registry))
    throw badReference(shown, `"${printableLine(registry)}" is no host name.`);
  if (!repositoryForm.test(repository) || registry.length + repository.length > longestName) {
    throw badReference(shown, repositoryHint(repository));
  }
  if (tag !== undefined && !tagForm.test(tag)) {
    throw badReference(shown, "A tag has at most 128 letters, digits, dots, dashes and underscores.");
  }
  return {
    registry,
    repository: registry === dockerHub && !repository.includes("/") ? `library/${repository}` : repository,
    tag: tag ?? null,
    digest: digest ?? null,
  };
}

/** The whole reference as text, docker.io included. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`;
}

/** The reference with the tag `latest` when it has neither tag nor digest, as docker and podman read it. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === null && reference.digest === null ? { ...reference, tag: "latest" } : reference;
}

/** Whether a text is a registry, or a repository or a part of its path in one: what rules are made for. */
export function isScope(text: string): boolean {
  const [registry = "", ...path] = text.split("/");
  return registryForm.test(registry) && (path.length === 0 || repositoryForm.test(path.join("/")));
}

/** Docker Hub's name in references; its API is at another host. */
export const dockerHub = "docker.io";

/** Tags as the distribution-spec has them. */
export const tagForm = /^\w[\w.-]{0,127}$/;
const repositoryForm = /^[a-z\d]+(?:(?:\.|_|__|-+)[a-z\d]+)*(?:\/[a-z\d]+(?:(?:\.|_|__|-+)[a-z\d]+)*)*$/;
const registryForm =
  /^(?:(?:[a-zA-Z\d]|[a-zA-Z\d][a-zA-Z\d-]*[a-zA-Z\d])(?:\.(?:[a-zA-Z\d]|[a-zA-Z\d][a-zA-Z\d-]*[a-zA-Z\d]))*|\[[\da-fA-F:]+\])(?::\d{1,5})?$/;
const longestName = 255;

function splitRegistry(named: string): { readonly registry: string; readonly rest: string } {
  const slash = named.indexOf("/");
  const first = named.slice(0, Math.max(slash, 0));
  if (slash === -1 || !(/[.:A-Z[]/.test(first) || first === "localhost")) {
    return { registry: dockerHub, rest: named };
  }
  const registry = ["index.docker.io", "registry-1.docker.io"].includes(first) ? dockerHub : first;
  return { registry, rest: named.slice(slash + 1) };
}

function repositoryHint(repository: string): string {
  if (/[A-Z]/.test(repository)) return `Repositories are in lower case: ${repository.toLowerCase()}.`;
  if (repository === "") return "Write it as registry.example/name:tag.";
  return "A repository has lower-case letters, digits and single dots, dashes or underscores between them.";
}

function badReference(shown: string, hint: string): Failure {
  return new Failure("usage", "bad-reference", `"${shown}" is not an image's reference`, { hint });
}
