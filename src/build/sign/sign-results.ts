import { copyFile, link, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { counted } from "../../base/counted.ts";
import { digestOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { Failure, asFailure } from "../../base/failure.ts";
import { parseLockFile } from "../../environment/lock-file.ts";
import { programSigner } from "../../openpgp/program-signer.ts";
import type { Signer } from "../../openpgp/signer.ts";
import type { ProgramKey } from "../../openpgp/signing-key.ts";
import { type Attestations, writeAttestations } from "../attest.ts";
import type { BuildOutcome } from "../conclude.ts";
import { publishDirectory, stagingDirectory } from "../publish.ts";
import { type Artifact, type BuildResult, writeResult } from "../result.ts";
import { type Rewritten, refreshChecksums } from "./refresh-checksums.ts";

/** With what the results of a build are signed; `key` null means that of whoever the .changes names. */
export interface SigningRequest {
  readonly program: ProgramKey["kind"];
  readonly key: string | null;
  readonly signal: AbortSignal;
  readonly attestations: Attestations;
}

/**
 * Signs a build's results: the .dsc, the .buildinfo that lists it and the .changes that lists both, as debsign(1) does, and
 * the proofs, made anew for the files as they are then. The directory is replaced as a whole; after a failure the unsigned
 * results are as they were.
 * @throws Failure what a `Signer` raises, output-unwritable (infrastructure).
 */
export async function signResults(
  outcome: BuildOutcome,
  request: SigningRequest,
  task: Task,
): Promise<BuildOutcome> {
  const { directory, result } = outcome;
  try {
    return await task.step("sign", "Sign the results", async (step) => {
      await using staging = await stagingDirectory(directory);
      await linkAll(directory, staging.path);
      const { program: kind, key } = request;
      const id = key ?? (await keyOfChanges(directory, result));
      const signer = programSigner({ kind, id }, request.signal);
      const rewritten = await signControlFiles(staging.path, result, signer);
      const signed = { ...result, artifacts: result.artifacts.map((each) => afterSigning(each, rewritten)) };
      await replace(staging.path, "result.json", () => writeResult(staging.path, signed));
      const lockFile = parseLockFile(await readFile(join(directory, "lock.json"), "utf8"), "lock.json");
      const proofs = await proofsOf(staging.path, { result: signed, lockFile }, request.attestations);
      for (const name of proofs) {
        const signature = await signer.detachedSignature(await readFile(join(staging.path, name)));
        await replace(staging.path, `${name}.asc`, (path) => writeFile(path, signature));
      }
      await publishDirectory(staging, directory);
      step.summary = `${counted(rewritten.length + proofs.length, "file")} by ${id}`;
      return { ...outcome, result: signed };
    });
  } catch (thrown) {
    request.signal.throwIfAborted();
    const { fault, code, message, hint, details, cause } = asFailure(thrown);
    throw new Failure(fault, code, `${message}. The results are in ${directory}, unsigned`, {
      ...(hint === undefined ? {} : { hint }),
      details,
      cause,
    });
  }
}

/** The address of who made the changes, or maintains the package (debsign(1), "--maintainer"). */
async function keyOfChanges(directory: string, { artifacts }: BuildResult): Promise<string> {
  const changes = artifacts.find(({ kind }) => kind === "changes");
  const text = changes === undefined ? "" : await readFile(join(directory, changes.name), "utf8");
  const [, address] =
    /^Changed-By:.*<([^<>\s]+)>/m.exec(text) ?? /^Maintainer:.*<([^<>\s]+)>/m.exec(text) ?? [];
  if (address !== undefined) return `<${address}>`;
  throw new Failure("usage", "signing-key-missing", "The .changes names nobody whose key could be used", {
    hint: "Name a key with --sign=KEY.",
  });
}

/** Each after those that it lists. */
const order = ["dsc", "buildinfo", "changes"] as const;

async function signControlFiles(
  directory: string,
  { artifacts }: BuildResult,
  signer: Signer,
): Promise<readonly Rewritten[]> {
  const rewritten: Rewritten[] = [];
  for (const wanted of order) {
    for (const { name } of artifacts.filter(({ kind }) => kind === wanted)) {
      const text = await readFile(join(directory, name), "utf8");
      const content = Buffer.from(await signer.clearSign(refreshChecksums(text, rewritten)));
      await replace(directory, name, (path) => writeFile(path, content));
      rewritten.push({ name, content });
    }
  }
  return rewritten;
}

function afterSigning(artifact: Artifact, rewritten: readonly Rewritten[]): Artifact {
  const content = rewritten.find(({ name }) => name === artifact.name)?.content;
  if (content === undefined) return artifact;
  return { ...artifact, sizeBytes: content.length, sha256: digestOf(content) };
}

async function proofsOf(
  directory: string,
  made: Parameters<typeof writeAttestations>[1],
  wanted: Attestations,
): Promise<readonly string[]> {
  const names = await readdir(directory);
  for (const name of names.filter((each) => /\.(?:spdx|provenance)\.json(?:\.asc)?$/.test(each)))
    await rm(join(directory, name));
  return writeAttestations(directory, made, wanted);
}

/** The files of a directory under the same names in another; those that are written anew are taken out first. */
async function linkAll(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    await link(join(from, name), join(to, name)).catch(() => copyFile(join(from, name), join(to, name)));
  }
}

async function replace(
  directory: string,
  name: string,
  write: (path: string) => Promise<unknown>,
): Promise<void> {
  await rm(join(directory, name), { force: true });
  await write(join(directory, name));
}
