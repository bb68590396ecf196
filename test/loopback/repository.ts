import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Loopback, serve } from "./servers.ts";

/** A signed repository with one package, at a loopback address. Disposing ends the server and removes the files. */
export interface SignedRepository extends AsyncDisposable {
  readonly server: Loopback;
  /** Its public key in both of apt's forms. */
  readonly key: { readonly armored: string; readonly binaryPath: string; readonly armoredPath: string };
  /** The text of a .sources file for it. */
  sources(signedBy: string): string;
}

/** Makes a flat repository of a package of that name, signed with a new key. */
export async function signedRepository(name: string): Promise<SignedRepository> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-repository-"));
  const root = join(directory, "root");
  await makePackage(root, name);
  await index(root);
  const key = await sign(directory, root);
  const server = await serve((asked, answer) => void answerWithFile(root, asked, answer));
  return {
    server,
    key,
    sources: (signedBy) =>
      `Types: deb\nURIs: ${server.url}\nSuites: ./\nSigned-By:${signedBy.includes("\n") ? inField(signedBy) : ` ${signedBy}`}\n`,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function makePackage(root: string, name: string): Promise<void> {
  const tree = join(root, "..", name);
  await mkdir(join(tree, "DEBIAN"), { recursive: true });
  await mkdir(join(tree, "usr/share", name), { recursive: true });
  await mkdir(root);
  await writeFile(join(tree, "usr/share", name, "word"), "from the extra repository\n");
  const control = [
    `Package: ${name}`,
    "Version: 1.0",
    "Architecture: all",
    "Maintainer: T <t@mirror.example>",
    "Description: test",
    "",
  ];
  await writeFile(join(tree, "DEBIAN/control"), control.join("\n"));
  await execa("dpkg-deb", ["--root-owner-group", "-b", tree, join(root, `${name}_1.0_all.deb`)]);
}

async function index(root: string): Promise<void> {
  const packages = await execa("apt-ftparchive", ["packages", "."], { cwd: root });
  await writeFile(join(root, "Packages"), `${packages.stdout}\n`);
  const release = await execa("apt-ftparchive", ["release", "."], { cwd: root });
  await writeFile(join(root, "Release"), `${release.stdout}\n`);
}

async function sign(directory: string, root: string): Promise<SignedRepository["key"]> {
  const home = join(directory, "gnupg");
  await mkdir(home, { mode: 0o700 });
  const gpg = ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
  await execa("gpg", [
    ...gpg,
    "--quick-generate-key",
    "Test <test@mirror.example>",
    "rsa2048",
    "sign",
    "never",
  ]);
  await execa("gpg", [
    ...gpg,
    "--digest-algo",
    "SHA512",
    "--clearsign",
    "-o",
    join(root, "InRelease"),
    join(root, "Release"),
  ]);
  const binaryPath = join(directory, "key.gpg");
  const armoredPath = join(directory, "key.asc");
  await execa("gpg", [...gpg, "--export", "-o", binaryPath]);
  await execa("gpg", [...gpg, "--export", "--armor", "-o", armoredPath]);
  await execa("gpgconf", ["--homedir", home, "--kill", "all"]);
  return { armored: await readFile(armoredPath, "utf8"), binaryPath, armoredPath };
}

async function answerWithFile(root: string, { url }: IncomingMessage, answer: ServerResponse): Promise<void> {
  const found = await readFile(join(root, new URL(url ?? "/", "http://localhost").pathname)).catch(
    () => null,
  );
  answer.writeHead(found === null ? 404 : 200).end(found ?? "");
}

/** As a deb822 field's further lines: an empty line is a dot. */
function inField(text: string): string {
  return `\n${text
    .trim()
    .split("\n")
    .map((line) => ` ${line === "" ? "." : line}`)
    .join("\n")}`;
}
