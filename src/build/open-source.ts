import { access, copyFile, link, readFile, rename, rm, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { digestOfFile } from "../base/digester.ts";
import { digestOf, keyOf, hexOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { type Fetcher, fetchFiles } from "../environment/fetch.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type SourceFile, findSource } from "../environment/source-index.ts";
import { withoutSecrets } from "../base/without-secrets.ts";
import type { OpenedSource, SourceArgument } from "./source.ts";
import { downloadDsc } from "./source/download.ts";
import { openDsc } from "./source/dsc.ts";
import { hasOriginals } from "./source/subject.ts";
import type { SourceOpening } from "./source/opening.ts";
import { openTree } from "./source/tree.ts";

/** Brings the source that the user named to this machine, checked, and opens it. */
export async function openSource(
  kiln: Kiln,
  argument: SourceArgument,
  opening: SourceOpening,
): Promise<OpenedSource> {
  const { place, task } = opening;
  if (argument.kind === "tree") return await openWholeTree(kiln, argument.directory, opening);
  if (argument.kind === "dsc")
    return await judged(kiln, argument.path, await openDsc(argument.path), { ...opening, whose: "here" });
  if (argument.kind === "git") {
    // Loaded only now: few sources come from git.
    const { openGit } = await import("./open-git.ts");
    return await openGit(kiln, argument.address, opening);
  }
  if (argument.kind === "dsc-url") {
    const { path, source } = await openAddress(kiln, argument.url, task);
    return await judged(kiln, path, source, { ...opening, whose: "fetched" });
  }
  const files = await findSource(kiln, { ...(await place(null)), ...argument }, task);
  const source = await openFetched(kiln, files, task);
  const uris = new Map(files.map(({ fileName, uri }) => [fileName, uri]));
  return {
    ...withAddresses(source, (name) => uris.get(name) ?? null),
    origin: `${source.package.name}_${source.package.version}`,
  };
}

/** A tree with its original tarballs. */
async function openWholeTree(kiln: Kiln, directory: string, opening: SourceOpening): Promise<OpenedSource> {
  const source = await openTree(directory);
  const { orig } = opening.policy;
  if (orig === "auto" && (source.origTarballs.length > 0 || !hasOriginals(source.package))) return source;
  // Loaded only now: most trees have theirs beside them, or need none.
  const { completeClone } = await import("./complete-tree.ts");
  return await completeClone(kiln, source, opening);
}

/** The source with what its signature says. @throws Failure file-changed (usage), what `checkDscSignature` raises. */
async function judged(
  kiln: Kiln,
  path: string,
  source: OpenedSource,
  { place, policy, task, whose }: SourceOpening & { readonly whose: "here" | "fetched" },
): Promise<OpenedSource> {
  if (policy.signature === "skip") return source;
  // Loaded only now: most sources are trees or come from the archive.
  const { checkDscSignature } = await import("./source/dsc-signature.ts");
  const bytes = await readFile(path);
  if (digestOf(bytes) !== source.digest) throw changed(path);
  const said = await checkDscSignature(
    kiln,
    { name: basename(path), bytes, whose },
    { policy, place: () => place(null), task },
  );
  return { ...source, findings: [said] };
}

function changed(path: string): Failure {
  return new Failure("usage", "file-changed", `${path} changed while it was read`, {
    hint: "Start again when nothing writes to it.",
  });
}

/** The source with where each of its files came from. */
function withAddresses(source: OpenedSource, uriOf: (name: string) => string | null): OpenedSource {
  return { ...source, files: source.files.map((each) => ({ ...each, uri: uriOf(each.name) })) };
}

/** A source behind an http(s) address of its .dsc, and where it was put. Nothing in it tells a user or password of the address. */
export async function openAddress(
  fetcher: Fetcher,
  address: string,
  task: Task,
): Promise<{ readonly path: string; readonly source: OpenedSource }> {
  const path = await fetchDsc(fetcher, address, task);
  const source = await openDsc(path);
  const url = withoutSecrets(address);
  return { path, source: { ...withAddresses(source, (name) => new URL(name, url).href), origin: url } };
}

/** A source of the archive. Where what is kept of it has taken damage on the disk, it is fetched again once. */
export async function openFetched(
  fetcher: Fetcher,
  files: readonly SourceFile[],
  task: Task,
): Promise<OpenedSource> {
  try {
    return await openDsc(await fetchSource(fetcher, files, task));
  } catch (thrown) {
    const directory = sourceDirectory(fetcher, files);
    if (!(thrown instanceof Failure) || (await isIntact(directory, files))) throw thrown;
    await rm(directory, { recursive: true, force: true });
    for (const { sha256 } of files) await fetcher.store.removeBlob(sha256);
    return await openDsc(await fetchSource(fetcher, files, task));
  }
}

async function isIntact(directory: string, files: readonly SourceFile[]): Promise<boolean> {
  if (!(await exists(directory))) return true;
  for (const { fileName, sha256 } of files) {
    const found = await digestOfFile(join(directory, fileName)).catch(() => null);
    if (found !== sha256) return false;
  }
  return true;
}

async function fetchDsc(kiln: Fetcher, url: string, task: Task): Promise<string> {
  const staging = await kiln.store.temporaryDirectory();
  try {
    return await task.step("source", `Download ${withoutSecrets(url)}`, async (step) => {
      const dsc = await downloadDsc(url, staging, {
        download: async (uri, { signal }) => (await kiln.download(uri, { signal })).body,
        signal: kiln.signal,
        task: step,
      });
      const name = basename(dsc);
      const key = keyOf({ name, dsc: digestOf(await readFile(dsc)) });
      const directory = join(kiln.store.directory, "sources", hexOf(key));
      await settle(staging, directory);
      return join(directory, name);
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function sourceDirectory({ store }: Pick<Kiln, "store">, files: readonly SourceFile[]): string {
  return join(store.directory, "sources", hexOf(keyOf(files.map(({ sha256 }) => sha256))));
}

async function fetchSource(fetcher: Fetcher, files: readonly SourceFile[], task: Task): Promise<string> {
  const directory = sourceDirectory(fetcher, files);
  if (!(await exists(directory))) {
    await fetchFiles(fetcher, files, task, "source");
    await lay(fetcher, files, directory);
  }
  const now = new Date();
  await utimes(directory, now, now);
  const dsc = files.find(({ fileName }) => fileName.endsWith(".dsc"));
  return join(directory, dsc?.fileName ?? "missing.dsc");
}

/** Lays a source's files side by side under their names; the directory appears whole. */
async function lay(
  { store }: Pick<Kiln, "store">,
  files: readonly SourceFile[],
  directory: string,
): Promise<void> {
  const staging = await store.temporaryDirectory();
  try {
    for (const { fileName, sha256 } of files) {
      const path = join(staging, fileName);
      await link(store.blobPath(sha256), path).catch(() => copyFile(store.blobPath(sha256), path));
    }
    await settle(staging, directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Puts a staging directory where it belongs, unless another command has just done the same. */
async function settle(staging: string, directory: string): Promise<void> {
  await makeDirectory(dirname(directory));
  await rename(staging, directory).catch(async (thrown: unknown) => {
    if (!(await exists(directory))) throw thrown;
  });
  const now = new Date();
  await utimes(directory, now, now);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
