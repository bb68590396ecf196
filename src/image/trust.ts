import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { printableLine } from "../base/printable.ts";
import { errorCode } from "../base/system-error.ts";
import { isScope } from "../oci/reference.ts";
import { trustFiles } from "../oci/signature/trust-policy.ts";
import { diskFailure } from "../store/disk.ts";
import { readPublicKeyFile } from "./key-files.ts";

export interface TrustRequest {
  /** A registry, a part of its paths, or a repository: what the signatures are demanded of. */
  readonly scope: string;
  /** The public key here. */
  readonly key: string;
  /** Where the key is on the host; without it, a file of its own beside those of others. */
  readonly keyPath: string | undefined;
  /** What is done with images from elsewhere. */
  readonly others: "accept" | "reject";
}

export interface TrustFile {
  /** Absolute, on the host. */
  readonly path: string;
  readonly text: string;
}

/**
 * The files by which a host takes images of a scope with a key's signature only.
 * @throws Failure bad-reference, bad-signing-key, signing-key-unreadable (usage).
 */
export async function planTrust({
  scope,
  key,
  keyPath,
  others,
}: TrustRequest): Promise<readonly TrustFile[]> {
  if (!isScope(scope)) {
    throw new Failure("usage", "bad-reference", `"${printableLine(scope)}" is no registry or repository`, {
      hint: "Write registry.example or registry.example/name, without a tag.",
    });
  }
  await readPublicKeyFile(key);
  const name = scope.replaceAll(/[^\w.-]+/g, "-");
  const installed = keyPath ?? `/usr/share/pki/containers/${name}.pub`;
  const { policy, registries } = trustFiles(scope, installed, others);
  return [
    { path: "/etc/containers/policy.json", text: policy },
    { path: `/etc/containers/registries.d/${name}.yaml`, text: registries },
    ...(keyPath === undefined ? [{ path: installed, text: await readFile(key, "utf8") }] : []),
  ];
}

/** Writes the files below a directory. @throws Failure output-occupied (usage) rather than write over one. */
export async function writeTrust(files: readonly TrustFile[], directory: string): Promise<void> {
  for (const { path, text } of files) {
    const file = join(directory, path);
    try {
      await makeDirectory(dirname(file));
      await writeFile(file, text, { flag: "wx" });
    } catch (thrown) {
      if (errorCode(thrown) !== "EEXIST") throw diskFailure(thrown, directory);
      throw new Failure("usage", "output-occupied", `${file} is there already`, {
        hint: "Name an empty directory, and bring what is there and what is new together by hand.",
      });
    }
  }
}
