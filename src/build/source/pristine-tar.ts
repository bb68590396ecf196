import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Task } from "../../base/event.ts";
import type { Container } from "../../engine/engine.ts";
import { builder } from "../../environment/builder.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { Tail } from "../../environment/tail.ts";
import { packTar, type TarEntry } from "../../oci/tar.ts";
import { withoutDirectories } from "./archive-tree.ts";
import { type GitRun, git, gitInto } from "./git.ts";
import type { Repository } from "./repository.ts";
import type { Attempt, Subject } from "./subject.ts";
import { takeTarballs } from "./take-tarballs.ts";
import { type Place, withTools } from "./tools.ts";
import { contentOf } from "./tree-entries.ts";
import { upstreamTags } from "./upstream-tags.ts";

const branches = ["refs/heads/pristine-tar", "refs/remotes/origin/pristine-tar"] as const;

/**
 * Makes the original tarballs of a version, byte for byte as upstream released them, of what pristine-tar(1) keeps of them on its
 * branch, and copies their signatures from there. pristine-tar runs in a container without a network.
 * @throws Failure what `git` and `withTools` raise.
 */
export async function viaPristineTar(
  kiln: Kiln,
  repository: Repository,
  subject: Subject,
  directory: string,
  { place, task }: { readonly place: () => Promise<Place>; readonly task: Task },
): Promise<Attempt> {
  const run = { signal: kiln.signal };
  const branch = branches.find((name) => repository.references.has(name));
  if (branch === undefined) return { lacking: "there is no branch pristine-tar" };
  const listing = await git([...repository.inside, "ls-tree", "-z", "--name-only", branch], run);
  const tarballs = tarballsOf(listing.split("\0"), subject);
  if (tarballs.length === 0) return { lacking: `the branch pristine-tar has none of ${subject.upstream}` };
  const temporary = await mkdtemp(join(tmpdir(), "debkiln-pristine-"));
  try {
    const files: string[] = [];
    for (const name of tarballs) {
      const tree = await treeFor(repository, `${branch}:${name}.id`, subject, run);
      if (tree === null) return { lacking: `the tree that ${name} was made of is not in the repository` };
      const words = ["archive", "--format=tar", tree];
      await gitInto(
        [...repository.inside, ...words],
        createWriteStream(join(temporary, `${name}.tree`)),
        run,
      );
      const delta = createWriteStream(join(temporary, `${name}.delta`));
      await gitInto([...repository.inside, "cat-file", "blob", `${branch}:${name}.delta`], delta, run);
      files.push(`${name}.tree`, `${name}.delta`);
    }
    const said = await task.step(
      "pristine-tar",
      `Make ${tarballs.join(", ")} with pristine-tar`,
      async (step) => {
        const tools = { tool: "pristine-tar", network: "none" } as const;
        return await withTools(kiln, await place(), tools, step, async (container) => {
          await container.put("/build", packTar(entries(temporary, files)), kiln.signal);
          const failed = await generate(kiln, container, tarballs, step);
          if (failed === null)
            await takeTarballs(await container.get("/build/out"), directory, subject, kiln.signal);
          return failed;
        });
      },
    );
    if (said !== null) return { lacking: `pristine-tar failed: ${said}` };
    for (const name of tarballs) {
      const signature = `${name}.asc`;
      if (!listing.split("\0").includes(signature)) continue;
      const words = ["cat-file", "blob", `${branch}:${signature}`];
      await gitInto([...repository.inside, ...words], createWriteStream(join(directory, signature)), run);
    }
    return { made: "made by pristine-tar, byte for byte what upstream released" };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Of each component one, in the compression that is wanted or that loses least. Pure. */
export function tarballsOf(names: readonly string[], { stem, conf }: Subject): readonly string[] {
  const known = names.flatMap((name) => {
    if (!name.startsWith(stem)) return [];
    const [, component = "", ending = ""] =
      /^(-[A-Za-z0-9][A-Za-z0-9-]*)?\.tar\.(gz|bz2|xz|lzma)\.delta$/.exec(name.slice(stem.length)) ?? [];
    return ending === "" ? [] : [{ tarball: name.slice(0, -".delta".length), component, ending }];
  });
  const order = [...(conf.compression === null ? [] : [conf.compression]), "xz", "gz", "bz2", "lzma"];
  const sorted = known.toSorted((a, b) => order.indexOf(a.ending) - order.indexOf(b.ending));
  const chosen = new Map(sorted.toReversed().map(({ component, tarball }) => [component, tarball]));
  return chosen.has("") ? [...chosen.values()].toSorted() : [];
}

/** The tree that a tarball's delta is against: git-buildpackage makes it anew when components have tarballs of their own. */
async function treeFor(
  repository: Repository,
  idFile: string,
  { upstream, conf }: Subject,
  run: GitRun,
): Promise<string | null> {
  const { inside, references } = repository;
  const id = (await git([...inside, "cat-file", "blob", idFile], run)).trim();
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(id)) return null;
  const tag = upstreamTags(upstream, conf.upstreamTag).find((each) => references.has(`refs/tags/${each}`));
  if (conf.components.length > 0 && tag !== undefined)
    await withoutDirectories(repository, `refs/tags/${tag}`, conf.components, run);
  const found = await git([...inside, "cat-file", "-e", `${id}^{tree}`], run).then(
    () => true,
    () => false,
  );
  run.signal.throwIfAborted();
  return found ? id : null;
}

async function* entries(directory: string, names: readonly string[]): AsyncGenerator<TarEntry> {
  const owner = { uid: builder.uid, gid: builder.gid, mtime: 0 };
  yield { path: "out", type: "directory", mode: 0o755, ...owner };
  yield { path: "work", type: "directory", mode: 0o755, ...owner };
  for (const name of names) {
    const path = join(directory, name);
    const { size } = await stat(path);
    yield { path: `work/${name}`, type: "file", mode: 0o644, ...owner, size, content: () => contentOf(path) };
  }
}

/** What pristine-tar said last when it failed, else null. */
async function generate(
  kiln: Kiln,
  container: Container,
  tarballs: readonly string[],
  task: Task,
): Promise<string | null> {
  const output = new Tail(task);
  const { exitCode } = await container.run(["sh", "-c", script, "sh", ...tarballs], {
    user: `${builder.uid}:${builder.gid}`,
    directory: "/build/work",
    environment: { HOME: "/build/work", LC_ALL: "C.UTF-8", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdout: output,
    stderr: output,
    signal: kiln.signal,
  });
  return exitCode === 0 ? null : (output.text.trim().split("\n").at(-1) ?? "");
}

const script = `set -e
for each; do
  mkdir "$each.d"
  tar -xf "$each.tree" -C "$each.d"
  (cd "$each.d" && pristine-tar gentar "../$each.delta" "/build/out/$each")
done`;
