import type { Task } from "../../base/event.ts";
import type { Container } from "../../engine/engine.ts";
import { builder } from "../../environment/builder.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { authorities } from "../../environment/resolver-files.ts";
import { Tail } from "../../environment/tail.ts";
import { packTar, type TarEntry } from "../../oci/tar.ts";
import { readInside } from "./read-inside.ts";
import type { Attempt, Subject } from "./subject.ts";
import { takeTarballs } from "./take-tarballs.ts";
import { type Place, withTools } from "./tools.ts";
import { isOriginal } from "./tree.ts";
import { withoutActions } from "./watch-file.ts";

/**
 * Downloads the original tarballs of a version as uscan(1) finds them by debian/watch, with upstream's signature checked where the
 * source has upstream's key. uscan runs in a container that has the network and, of the source, only the files that it reads,
 * without the commands that a watch file may name.
 * @throws Failure what `withTools` and `readInside` raise.
 */
export async function viaUscan(
  kiln: Kiln,
  subject: Subject,
  directory: string,
  { place, task }: { readonly place: () => Promise<Place>; readonly task: Task },
): Promise<Attempt> {
  const files = await filesFor(subject);
  if (files === null) return { lacking: "there is no debian/watch" };
  return await task.step("uscan", `Download ${subject.stem}.tar.* with uscan`, async (step) =>
    withTools(kiln, await place(), { tool: "uscan", network: "host" }, step, async (container) => {
      await container.put("/build", packTar(entries(files, await authorities(kiln))), kiln.signal);
      const said = await download(kiln, container, step);
      const names = await takeTarballs(await container.get("/build/out"), directory, subject, kiln.signal);
      if (names.some((name) => isOriginal(name, subject.stem)))
        return { made: "downloaded by uscan, as debian/watch says" };
      return { lacking: names.length > 0 ? `it got ${names.join(", ")}` : said };
    }),
  );
}

/** What uscan reads of a source, by paths; null when there is no watch file. */
async function filesFor({ tree }: Subject): Promise<ReadonlyMap<string, string> | null> {
  const files = new Map<string, string>();
  for (const path of read) {
    const text = await readInside(tree, path, 4 * 1024 ** 2);
    if (text !== null) files.set(path, text);
  }
  const watch = files.get("debian/watch");
  return watch === undefined ? null : files.set("debian/watch", withoutActions(watch));
}

const read = [
  "debian/watch",
  "debian/changelog",
  "debian/control",
  "debian/copyright",
  "debian/source/format",
  "debian/upstream/metadata",
  "debian/upstream/signing-key.asc",
  "debian/upstream-signing-key.asc",
];

function* entries(files: ReadonlyMap<string, string>, certificates: string): Generator<TarEntry> {
  const owner = { uid: builder.uid, gid: builder.gid, mtime: 0 };
  for (const path of ["out", "src", "src/debian", "src/debian/source", "src/debian/upstream"])
    yield { path, type: "directory", mode: 0o755, ...owner };
  for (const [path, text] of [["ca.crt", certificates] as const, ...[...files].map(inSource)]) {
    const content = Buffer.from(text);
    yield { path, type: "file", mode: 0o644, ...owner, size: content.length, content: () => content };
  }
}

function inSource([path, text]: readonly [string, string]): readonly [string, string] {
  return [`src/${path}`, text];
}

/** What uscan said last. */
async function download(kiln: Kiln, container: Container, task: Task): Promise<string> {
  const output = new Tail(task);
  const words = ["--no-conf", "--verbose", "--force-download", "--download-current-version", "--rename"];
  await container.run(["uscan", ...words, "--destdir", "/build/out", "--check-dirname-level", "0"], {
    user: `${builder.uid}:${builder.gid}`,
    directory: "/build/src",
    environment: {
      HOME: "/build/src",
      LC_ALL: "C.UTF-8",
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      PERL_LWP_SSL_CA_FILE: "/build/ca.crt",
      SSL_CERT_FILE: "/build/ca.crt",
      GIT_SSL_CAINFO: "/build/ca.crt",
      ...(await kiln.network.proxies()),
    },
    stdout: output,
    stderr: output,
    signal: kiln.signal,
  });
  const lines = output.text.trim().split("\n");
  return lines.findLast((line) => /error|warn/i.test(line)) ?? lines.at(-1) ?? "it said nothing";
}
