import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../../base/failure.ts";
import { errorCode, nullIfMissing } from "../../base/system-error.ts";
import { dockerHub } from "../reference.ts";
import type { Credentials, FindCredentials } from "./credentials.ts";
import { askCredentialHelper } from "./credential-helper.ts";

export interface CredentialOptions {
  /** The only file to look into, instead of the usual ones (`--authfile`). */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** containers-auth.json(5), and docker's config.json, which has the same form. */
export const AuthFile = z.looseObject({
  auths: z
    .record(
      z.string(),
      z.looseObject({ auth: z.string().optional(), identitytoken: z.string().optional() }).nullable(),
    )
    .nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().optional(),
});
export type AuthFile = z.infer<typeof AuthFile>;

/**
 * Looks credentials up as podman does: in the file that is named, else in REGISTRY_AUTH_FILE, else in the user's files of
 * podman's and docker's login, the first that has some.
 * @throws Failure auth-file-unreadable (usage), credential-helper-failed (infrastructure) from the function it gives.
 */
export function credentialFinder({ file, environment }: CredentialOptions): FindCredentials {
  const named = file ?? (environment["REGISTRY_AUTH_FILE"] || undefined);
  const paths = named === undefined ? usualFiles(environment) : [named];
  return async (registry, repository) => {
    for (const path of paths) {
      const content = await readAuthFile(path, named === undefined ? "if there" : "must be there");
      if (content === null) continue;
      const found = await findIn(content, path, registry, repository, environment);
      if (found !== null) return found;
    }
    return null;
  };
}

/** In podman's order (containers-auth.json(5)). */
function usualFiles(environment: CredentialOptions["environment"]): string[] {
  const home = environment["HOME"] ?? "/";
  const runtime = environment["XDG_RUNTIME_DIR"];
  return [
    runtime ? join(runtime, "containers") : join("/run/containers", String(process.getuid?.() ?? 0)),
    join(environment["XDG_CONFIG_HOME"] || join(home, ".config"), "containers"),
  ]
    .map((directory) => join(directory, "auth.json"))
    .concat(join(environment["DOCKER_CONFIG"] || join(home, ".docker"), "config.json"));
}

async function readAuthFile(path: string, when: "if there" | "must be there"): Promise<AuthFile | null> {
  const text = await readFile(path, "utf8")
    .catch((thrown: unknown) => {
      // /run/containers of root's is closed to those for whom nobody has made a directory in it.
      if (when === "if there" && isOfRunContainers(path, thrown)) return null;
      if (when === "if there") return nullIfMissing(thrown);
      throw thrown;
    })
    .catch((thrown: unknown) => {
      throw unreadable(path, thrown instanceof Error ? thrown.message : "it cannot be read", thrown);
    });
  if (text === null) return null;
  const parsed = AuthFile.safeParse(parseJson(text, path));
  if (parsed.success) return parsed.data;
  throw unreadable(path, z.prettifyError(parsed.error).split("\n")[0] ?? "it has another form", parsed.error);
}

function isOfRunContainers(path: string, thrown: unknown): boolean {
  return path.startsWith("/run/containers/") && errorCode(thrown) === "EACCES";
}

/** Of an entry's own helper, an entry with a login, and the general helper the first that has some. */
async function findIn(
  content: AuthFile,
  path: string,
  registry: string,
  repository: string,
  environment: CredentialOptions["environment"],
): Promise<Credentials | null> {
  const helpers = content.credHelpers ?? {};
  for (const name of registryNames(registry)) {
    const helper = helpers[name];
    const found = helper === undefined ? null : await askCredentialHelper(helper, name, environment);
    if (found !== null) return found;
  }
  const entry = entryFor(content, registry, repository);
  const found = entry === null ? null : credentialsOf(entry, path);
  if (found !== null || content.credsStore === undefined) return found;
  for (const name of registryNames(registry)) {
    const stored = await askCredentialHelper(content.credsStore, name, environment);
    if (stored !== null) return stored;
  }
  return null;
}

type Entry = NonNullable<NonNullable<AuthFile["auths"]>[string]>;

/** The entry for the longest path that leads to the repository, then that for the registry under its older names. */
export function entryFor({ auths }: AuthFile, registry: string, repository: string): Entry | null {
  const parts = repository.split("/");
  const paths = parts.map((_, at) => [registry, ...parts.slice(0, parts.length - at)].join("/"));
  const known = new Map(Object.entries(auths ?? {}));
  for (const name of paths) {
    const entry = known.get(name);
    if (entry) return entry;
  }
  for (const name of registryNames(registry)) {
    const entry = [...known].find(([key]) => hostOfKey(key) === hostOfKey(name))?.[1];
    if (entry) return entry;
  }
  return null;
}

/** Names under which logins to a registry are kept: docker keeps those to its own under an address of its first API. */
function registryNames(registry: string): string[] {
  return registry === dockerHub ? ["https://index.docker.io/v1/", dockerHub] : [registry];
}

/** The host of a key that may be an address, as older docker wrote it; keys with another path are for repositories. */
function hostOfKey(key: string): string | null {
  return /^(?:https?:\/\/)?([^/]+)(?:\/|\/v[12]\/?)?$/.exec(key)?.[1] ?? null;
}

function credentialsOf({ auth, identitytoken }: Entry, path: string): Credentials | null {
  if (identitytoken) return { kind: "identity-token", token: identitytoken };
  if (!auth) return null;
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, "base64").toString("utf8")) ?? [];
  if (user === undefined || password === undefined) {
    throw unreadable(path, "a login in it is not base64 of USER:PASSWORD", null);
  }
  return { kind: "password", user, password: password.replace(/\0+$/, "") };
}

function parseJson(text: string, path: string): unknown {
  // `podman logout` and `touch` leave empty files.
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw unreadable(path, "it is not JSON", thrown);
  }
}

function unreadable(path: string, reason: string, cause: unknown): Failure {
  return new Failure("usage", "auth-file-unreadable", `Cannot read the logins in ${path}: ${reason}`, {
    hint: "Make it anew with `podman login` or `docker login`, or name another with --authfile.",
    cause,
  });
}
