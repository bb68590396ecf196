import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { type Loopback, serve } from "./servers.ts";

/** Gives a request another answer than the file: called with its bytes and how many requests for it there were before. */
export type Answer = (response: ServerResponse, content: Buffer, before: number) => void;

/** A small signed repository on the loopback interface, whose answers can be spoiled. */
export interface TestRepository extends AsyncDisposable {
  readonly server: Loopback;
  /** ASCII-armored public keys: the one that signs, and one that does not. */
  readonly key: string;
  readonly otherKey: string;
  /** Writes a .sources file for a suite; gives its path. */
  sources(suite: string, lines: readonly string[]): Promise<string>;
  /** Answers requests for paths that end so. */
  spoil(ending: string, answer: Answer): void;
}

export interface SuiteOptions {
  /** What is written instead of the signed text. */
  readonly inRelease?: (signed: string, unsigned: string) => string;
  readonly validUntil?: Date;
  /** Bytes that the index has beyond what the Release file says. */
  readonly indexTail?: string;
}

/** A package of version 1.0 for all architectures. */
export interface TestPackage {
  readonly name: string;
  /** Texts by their paths in the system. */
  readonly files?: Readonly<Record<string, string>>;
  /** Shell commands that run when it is configured. */
  readonly postinst?: string;
}

/** Makes the repository: these packages, listed in each of these suites. */
export async function openRepository(
  directory: string,
  packages: readonly TestPackage[],
  suites: Readonly<Record<string, SuiteOptions>>,
): Promise<TestRepository> {
  const gpg = await openKeys(join(directory, "gnupg"));
  const root = join(directory, "repository");
  await mkdir(join(root, "pool"), { recursive: true });
  const stanzas: string[] = [];
  for (const each of packages) stanzas.push(await makePackage(directory, root, each));
  for (const [suite, options] of Object.entries(suites)) {
    await makeSuite(root, suite, { ...options, index: stanzas.join("\n"), sign: gpg.sign });
  }
  const spoiled = new Map<string, Answer>();
  const server = await serveFiles(root, spoiled);
  return {
    server,
    key: gpg.key,
    otherKey: gpg.otherKey,
    sources: async (suite, lines) => {
      const path = join(
        directory,
        `${suite}-${createHash("sha256").update(lines.join()).digest("hex")}.sources`,
      );
      const text = ["Types: deb", `URIs: ${server.url}`, `Suites: ${suite}`, "Components: main", ...lines];
      await writeFile(path, `${text.join("\n")}\n`);
      return path;
    },
    spoil: (ending, answer) => void spoiled.set(ending, answer),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await gpg.close();
    },
  };
}

/** `Signed-By` with a key in the text itself. */
export function signedBy(key: string): string {
  const lines = key
    .trim()
    .split("\n")
    .map((line) => (line === "" ? " ." : ` ${line}`));
  return `Signed-By:\n${lines.join("\n")}`;
}

async function openKeys(home: string) {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const gpg = (words: readonly string[], input = "") =>
    execa("gpg", ["--homedir", home, "--batch", "--quiet", "--passphrase", "", ...words], { input });
  const keyOf = async (address: string) => {
    await gpg(["--quick-gen-key", address, "ed25519", "sign", "never"]);
    return (await gpg(["--armor", "--export", address])).stdout;
  };
  const key = await keyOf("signer@mirror.example");
  const otherKey = await keyOf("other@mirror.example");
  return {
    key,
    otherKey,
    sign: async (text: string) =>
      (await gpg(["--local-user", "signer@mirror.example", "--clearsign"], text)).stdout,
    close: async () => void (await execa("gpgconf", ["--homedir", home, "--kill", "all"], { reject: false })),
  };
}

/** Makes a package in the pool; gives its stanza of the index. */
async function makePackage(
  directory: string,
  root: string,
  { name, files = {}, postinst }: TestPackage,
): Promise<string> {
  const control = [
    `Package: ${name}`,
    "Version: 1.0",
    "Architecture: all",
    "Maintainer: A Person <person@mirror.example>",
    "Description: made by a test",
  ];
  const tree = join(directory, "trees", name);
  await mkdir(join(tree, "DEBIAN"), { recursive: true });
  await writeFile(join(tree, "DEBIAN/control"), `${control.join("\n")}\n`);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  if (postinst !== undefined)
    await writeFile(join(tree, "DEBIAN/postinst"), `#!/bin/sh\n${postinst}\n`, { mode: 0o755 });
  const file = `pool/${name}_1.0_all.deb`;
  await execa("dpkg-deb", ["--root-owner-group", "--build", tree, join(root, file)]);
  const bytes = await readFile(join(root, file));
  return [...control, `Filename: ${file}`, `Size: ${bytes.length}`, `SHA256: ${sha256(bytes)}`, ""].join(
    "\n",
  );
}

async function makeSuite(
  root: string,
  suite: string,
  options: SuiteOptions & { readonly index: string; readonly sign: (text: string) => Promise<string> },
): Promise<void> {
  const architecture = (await execa("dpkg", ["--print-architecture"])).stdout;
  const path = `main/binary-${architecture}/Packages`;
  const place = join(root, "dists", suite);
  await mkdir(join(place, path, ".."), { recursive: true });
  await writeFile(join(place, path), options.index + (options.indexTail ?? ""));
  const release = [
    "Origin: test",
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    "Date: Sat, 01 Mar 2025 12:00:00 UTC",
    ...(options.validUntil === undefined ? [] : [`Valid-Until: ${options.validUntil.toUTCString()}`]),
    `Architectures: ${architecture}`,
    "Components: main",
    "SHA256:",
    ` ${sha256(Buffer.from(options.index))} ${Buffer.byteLength(options.index)} ${path}`,
    "",
  ].join("\n");
  const signed = await options.sign(release);
  await writeFile(join(place, "InRelease"), options.inRelease?.(signed, release) ?? signed);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function serveFiles(root: string, spoiled: ReadonlyMap<string, Answer>): Promise<Loopback> {
  const seen = new Map<string, number>();
  return serve((asked, response) => {
    const path = new URL(asked.url ?? "/", "http://localhost").pathname;
    const before = seen.get(path) ?? 0;
    seen.set(path, before + 1);
    const answer = [...spoiled].find(([ending]) => path.endsWith(ending))?.[1];
    readFile(join(root, path)).then(
      (content) => (answer === undefined ? response.end(content) : answer(response, content, before)),
      () => response.writeHead(404).end(),
    );
  });
}
