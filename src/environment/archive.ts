import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, keyOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { type Repository, parseSources, parseSourcesList } from "../debian/repository.ts";
import { suite, suiteOfChangelog } from "../debian/suite.ts";
import { type AptChoice, aptChoiceOf } from "./apt-choice.ts";
import { readSigningKey, signingKeyOf } from "./signing-key.ts";
import type { Target } from "./target.ts";

/** Where a target's packages come from. */
export interface Archive {
  /** The suites of the base and everything else, or null when only the bootstrap tool knows its default. */
  readonly main: readonly Repository[] | null;
  /** Further repositories, which no base is made of. */
  readonly extra: readonly Repository[];
  /** The armored key or keys that the main suites must be signed with; null for the archive's keys that apt itself has. */
  readonly key: string | null;
  /** How apt is told to choose among them; absent for its own way. */
  readonly apt?: AptChoice | undefined;
}

/**
 * The archive of a target: its snapshot or mirror, else the host's own apt sources, else whatever the bootstrap tool uses.
 * @throws Failure repository-without-key, bad-repository, snapshot-mirror-missing, bad-preferences, bad-apt-option (usage).
 */
export async function archiveOf(target: Target, host: readonly Repository[]): Promise<Archive> {
  const extra = await Promise.all(target.repositories.map(readRepositories));
  const { keyring } = target;
  const key = keyring === undefined ? null : await readSigningKey(keyring, "the target (keyring)");
  const main = snapshotOf(target) ?? mirrorOf(target) ?? archiveAsOf(target, host);
  const apt = await aptChoiceOf(target);
  return {
    main: main === null ? null : signedWith(main, key),
    extra: extra.flat(),
    key,
    ...(apt === undefined ? {} : { apt }),
  };
}

/** The repositories, each to be signed with a key unless it names its own. */
export function signedWith(repositories: readonly Repository[], key: string | null): readonly Repository[] {
  return repositories.map((each) => ({ ...each, signedBy: each.signedBy ?? key }));
}

/**
 * What of repositories decides which packages are chosen from given indices: all but where they are fetched from, so that
 * another mirror of the same archive finds what this one made.
 */
export function selectionOf(repositories: readonly Repository[]): unknown {
  return repositories.map(({ suites, components, architectures, signedBy, trusted, priority }) => ({
    suites,
    components,
    architectures,
    signedBy,
    trusted,
    priority,
  }));
}

/** What of repositories goes into keys: everything, their signing keys in full included. */
export function archiveKey(repositories: readonly Repository[]): Digest {
  return keyOf(repositories);
}

/** The host's own apt sources (sources.list(5)); a file that cannot be parsed fails as apt itself would. */
export async function hostRepositories(etcApt = "/etc/apt"): Promise<readonly Repository[]> {
  const parts = await readdir(join(etcApt, "sources.list.d")).catch(() => []);
  const files = [
    "sources.list",
    ...parts.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join("sources.list.d", name)),
  ];
  const found: Repository[] = [];
  for (const file of files) {
    if (!file.endsWith(".list") && !file.endsWith(".sources")) continue;
    const path = join(etcApt, file);
    const text = await readFile(path, "utf8").catch(() => "");
    found.push(...(file.endsWith(".sources") ? parseSources(text, path) : parseSourcesList(text, path)));
  }
  return found;
}

function snapshotOf(target: Target): readonly Repository[] | null {
  const { snapshot, snapshot_mirror: template } = target;
  if (snapshot === undefined) return null;
  if (/^https?:\/\//.test(snapshot)) return suitesAt(target, snapshot, undefined);
  if (template === undefined) {
    throw new Failure("usage", "snapshot-mirror-missing", `No snapshot service is known for ${snapshot}`, {
      hint: "Set snapshot_mirror, such as https://snapshot.mirror.example/archive/{archive}/{timestamp}, or give the snapshot's whole address.",
    });
  }
  const at = (archive: string) =>
    template.replaceAll("{archive}", archive).replaceAll("{timestamp}", snapshot);
  return suitesAt(target, at("debian"), at("debian-security"));
}

function mirrorOf(target: Target): readonly Repository[] | null {
  return target.mirror === undefined ? null : suitesAt(target, target.mirror, target.security_mirror);
}

/** The mirrors from which a host itself gets Debian, put to use for the target's suites; null when it names none. */
export function archiveAsOf(target: Target, host: readonly Repository[]): readonly Repository[] | null {
  const debian = host.filter(
    ({ types, enabled, suites, uris }) =>
      enabled &&
      types.includes("deb") &&
      uris.some((uri) => /^https?:/.test(uri)) &&
      suites.some(isDebianSuite),
  );
  const mains = debian.filter((each) => !isSecurity(each));
  const mirror = uriOf(mains.find((each) => isDebians(each, mains)) ?? null);
  if (mirror === null) return null;
  return suitesAt(target, mirror, uriOf(debian.find(isSecurity) ?? null) ?? undefined);
}

/**
 * Whether a repository is the Debian archive rather than a vendor's that calls its suite `stable` too: by its key, its
 * place or the companions that only Debian's archive has.
 */
function isDebians({ signedBy, uris, components }: Repository, all: readonly Repository[]): boolean {
  if (signedBy !== null)
    return /debian-archive|BEGIN PGP/.test(signedBy) && uris.some((uri) => /debian/.test(uri));
  const beside = all
    .filter((each) => each.uris.some((uri) => uris.includes(uri)))
    .flatMap(({ suites }) => suites);
  const hasCompanion = beside.some((name) => (suiteOfChangelog(name)?.pocket ?? null) !== null);
  return hasCompanion || (components.includes("main") && uris.some((uri) => /\/debian\/?$/.test(uri)));
}

function uriOf(repository: Repository | null): string | null {
  return repository?.uris.find((uri) => /^https?:/.test(uri)) ?? null;
}

function isSecurity({ suites }: Repository): boolean {
  return suites.some((name) => name.endsWith("-security"));
}

function suitesAt(target: Target, mirror: string, security: string | undefined): readonly Repository[] {
  const names = companions(target);
  return [
    repository(target, mirror, names.main),
    ...(security === undefined || names.security.length === 0
      ? []
      : [repository(target, security, names.security)]),
  ];
}

/** The suite and those that go with it: updates and security of a released one, the base suite of an overlay. */
function companions(target: Target): { main: string[]; security: string[] } {
  const { base, extra } = suite(target.suite, { custom: true });
  const wanted = extra.filter(
    ({ pocket }) => target.updates || (pocket !== "updates" && pocket !== "security"),
  );
  const namesOf = (security: boolean) =>
    wanted.filter(({ pocket }) => (pocket === "security") === security).map(({ name }) => name);
  return { main: [base, ...namesOf(false)], security: namesOf(true) };
}

function isDebianSuite(name: string): boolean {
  return suiteOfChangelog(name) !== null;
}

function repository(target: Target, uri: string, suites: readonly string[]): Repository {
  return {
    types: ["deb", "deb-src"],
    uris: [uri.replace(/\/+$/, "")],
    suites: [...suites],
    components: target.components,
    signedBy: null,
    enabled: true,
    ...(target.check_valid_until ? {} : { checkValidUntil: false }),
  };
}

/** An extra repository from a .sources file or the text of one. It must say with which key it is signed. */
async function readRepositories(source: string): Promise<Repository[]> {
  const inline = source.includes("\n");
  const text = inline
    ? source
    : await readFile(source, "utf8").catch((thrown: unknown) => {
        throw new Failure("usage", "bad-repository", `Cannot read the repository file ${source}`, {
          hint: "Give a deb822 .sources file (sources.list(5)).",
          cause: thrown,
        });
      });
  const repositories = parseSources(text, inline ? "the repository's text" : source);
  return Promise.all(repositories.filter(({ enabled }) => enabled).map(withKey));
}

async function withKey(repository: Repository): Promise<Repository> {
  const { signedBy, trusted, uris } = repository;
  if (signedBy === null && trusted !== true) {
    throw new Failure("usage", "repository-without-key", `The repository ${uris.join(" ")} names no key`, {
      hint: "Add `Signed-By:` with the path of its key, its fingerprint or the key itself.",
    });
  }
  if (signedBy === null || signedBy.includes("\n")) return repository;
  return { ...repository, signedBy: await signingKeyOf(signedBy, uris.join(" ")) };
}
