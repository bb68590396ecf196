import { Failure } from "../base/failure.ts";
import { parsePrintUris } from "../debian/print-uris.ts";
import { compareVersions } from "../debian/version.ts";
import type { Container } from "../engine/engine.ts";
import { type IndexRequest, withIndices } from "./indices.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedPackage } from "./lock.ts";
import { lockedPackage } from "./printed-package.ts";
import { Tail } from "./tail.ts";

/** A binary package in one version. */
export interface ExactPackage {
  readonly name: string;
  readonly version: string;
  /** Null for the environment's own. */
  readonly architecture: string | null;
}

/** One that the archive has not, with the versions that it has, newest first; none when it does not know the name. */
export interface GonePackage extends ExactPackage {
  readonly available: readonly string[];
}

export interface FoundVersions {
  readonly found: readonly LockedPackage[];
  readonly gone: readonly GonePackage[];
}

/**
 * Looks up packages in exactly these versions: where they are, with size and checksum by the signed indices.
 * @throws Failure resolver-failed (infrastructure), and what refreshing the indices raises.
 */
export async function findVersions(
  kiln: Kiln,
  request: IndexRequest,
  wanted: readonly ExactPackage[],
): Promise<FoundVersions> {
  if (wanted.length === 0) return { found: [], gone: [] };
  return withIndices(kiln, request, async (container) => {
    const words = new Map(wanted.map((each) => [wordOf(each), each]));
    const { output, errors } = await ask(kiln, container, [...printUris, ...words.keys()]);
    const found = parsePrintUris(output).map(lockedPackage);
    const there = new Set(found.flatMap(({ name, version }) => `${name}=${version}`));
    const gone = [...words.values()].filter(({ name, version }) => !there.has(`${name}=${version}`));
    if (gone.length > 0 && !/^E: /m.test(errors)) throw strange(errors);
    const available = await availableVersions(kiln, container, gone);
    return { found, gone: gone.map((each) => ({ ...each, available: available.get(each.name) ?? [] })) };
  });
}

/** apt-get(8) `download` asks for no dependencies, and tells of each package whether it is there. */
const printUris = ["apt-get", "-qq", "-o", "Acquire::ForceHash=SHA256", "--print-uris", "download"];

function wordOf({ name, version, architecture }: ExactPackage): string {
  const qualifier = architecture === null || architecture === "all" ? "" : `:${architecture}`;
  return `${name}${qualifier}=${version}`;
}

async function availableVersions(
  kiln: Kiln,
  container: Container,
  gone: readonly ExactPackage[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (gone.length === 0) return new Map();
  const names = [...new Set(gone.map(({ name }) => name))];
  const { output } = await ask(kiln, container, ["apt-cache", "madison", ...names]);
  const lines = output.split("\n");
  const pairs = lines
    .map((line) => line.split("|").map((part) => part.trim()))
    .filter(({ length }) => length === 3);
  const versions = Map.groupBy(pairs, ([name]) => name ?? "");
  const sorted = versions
    .entries()
    .map(([name, rows]): [string, string[]] => [
      name,
      [...new Set(rows.map(([, version]) => version ?? ""))].toSorted((a, b) => compareVersions(b, a)),
    ]);
  return new Map(sorted);
}

interface Told {
  readonly output: string;
  readonly errors: string;
}

/**
 * Both programs fail when one of many is unknown, and have told of the others all the same. What they say of errors comes
 * apart: in one stream it would stand in the midst of their lines.
 */
async function ask(kiln: Kiln, container: Container, argv: readonly string[]): Promise<Told> {
  const [stdout, stderr] = [new Tail(null), new Tail(null)];
  const environment = { LC_ALL: "C.UTF-8" };
  await container.run(argv, { stdout, stderr, environment, signal: kiln.signal });
  return { output: stdout.text, errors: stderr.text };
}

function strange(output: string): Failure {
  return new Failure("infrastructure", "resolver-failed", "apt told neither where packages are nor why not", {
    hint: "The output in the details tells why; `debkiln gc --older-than 0` has everything made afresh next time.",
    details: { output },
  });
}
