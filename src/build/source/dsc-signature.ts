import { readFile } from "node:fs/promises";
import { type Digest, digestOf, keyOf } from "../../base/digest.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import { Failure, asFailure } from "../../base/failure.ts";
import { peelClearSigned } from "../../debian/clear-signed.ts";
import { certificatesIn } from "../../debian/openpgp-certificates.ts";
import type { Container } from "../../engine/engine.ts";
import { Head } from "../../environment/head.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { packTar } from "../../oci/tar.ts";
import { rootFile } from "../../oci/root-file.ts";
import { type SignatureVerdict, verdictOf } from "../../openpgp/gpgv-status.ts";
import { GoodSignature, saidOf, signatureFailure } from "./dsc-verdict.ts";
import type { SourcePolicy } from "./policy.ts";
import { type Place, withTools } from "./tools.ts";

/**
 * Checks by whom a .dsc is signed, as dscverify(1) does: with Debian's keyrings, which come as a package of the target's archive,
 * and those of the user. gpgv runs in a container without network. Gives what there is to say of it.
 * @throws Failure dsc-signature-bad, dsc-key-revoked (package) whatever the policy says; if it says `require`, all of
 * `signatureFailure` and what keeps the check from being made.
 */
export async function checkDscSignature(
  kiln: Kiln,
  { whose, ...dsc }: Dsc & { readonly whose: "here" | "fetched" },
  { policy, place, task }: Checking,
): Promise<string> {
  const { name } = dsc;
  const verdict = await judge(kiln, dsc, { policy, place, task });
  if (verdict === null) return `${name}: the signature was not checked`;
  if (verdict.kind === "good") {
    task.note(`${name} is ${saidOf(verdict)}`);
    return `${name} is ${saidOf(verdict)}`;
  }
  const failure = signatureFailure(name, verdict);
  // What was just made here is mostly not signed yet.
  if (verdict.kind === "unsigned" && whose === "here" && policy.signature === "check") {
    task.note(`${name} is not signed`);
    return failure.message;
  }
  const isFatal = ["bad", "revoked"].includes(verdict.kind) || policy.signature === "require";
  if (isFatal) throw failure;
  task.warn(failure.message, failure.hint);
  return failure.message;
}

export interface Dsc {
  readonly name: string;
  readonly bytes: Buffer;
}

interface Checking {
  readonly policy: SourcePolicy;
  readonly place: () => Promise<Place>;
  readonly task: Task;
}

/** Null when it could not be found out, which was told. */
async function judge(
  kiln: Kiln,
  { name, bytes }: Dsc,
  { policy, place, task }: Checking,
): Promise<SignatureVerdict | { readonly kind: "unsigned" } | null> {
  const { content, signed } = peelClearSigned(bytes.toString("utf8"));
  if (!signed) return { kind: "unsigned" };
  const own = await Promise.all(policy.keyrings.map(readKeyring));
  const key = keyOf({ dsc: digestOf(bytes), keyrings: own.map((ring) => digestOf(ring)) });
  const known = await recallGood(kiln, key);
  if (known !== null) return known;
  try {
    const verdict = await task.step("signature", `Check the signature of ${name}`, async (step) => {
      const tools = { tool: "gpgv", network: "none" } as const;
      const found = await withTools(kiln, await place(), tools, step, (container) =>
        verify(kiln, container, { bytes, content, own }),
      );
      step.summary = found.kind;
      return found;
    });
    if (verdict.kind === "good")
      await kiln.store.remember("dsc-signature", key, { time: Date.now(), verdict });
    return verdict;
  } catch (thrown) {
    throwIfAborted(kiln.signal);
    if (policy.signature === "require") throw thrown;
    task.warn(
      `The signature of ${name} could not be checked: ${asFailure(thrown).message}`,
      "--dsc-signature=skip says that this is meant; with --dsc-signature=require it fails.",
    );
    return null;
  }
}

/** A good signature stays one for a day: then a key may have been revoked. */
async function recallGood({ store }: Kiln, key: Digest): Promise<SignatureVerdict | null> {
  const memo = await store.recall("dsc-signature", key, GoodSignature);
  return memo !== null && Date.now() - memo.time < 24 * 60 * 60 * 1000 ? memo.verdict : null;
}

/** @throws Failure key-missing, bad-key (usage). */
async function readKeyring(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Failure("usage", "key-missing", `Cannot read the keyring ${path}`, {
      hint: "--dsc-keyring takes an OpenPGP keyring or key file that you may read.",
      cause,
    });
  });
  const certificates = certificatesIn(bytes);
  if (certificates.length > 0) return Buffer.concat(certificates.map((each) => each.bytes));
  throw new Failure("usage", "bad-key", `${path} holds no OpenPGP public key`, {
    hint: "Export some with `gpg --export`.",
  });
}

const directory = "debkiln-signature";
const marker = "debkiln: what is signed";
/** More than gpgv says of any file that a person signed. */
const longestStatus = 1024 ** 2;

/** What gpgv takes for the signed text must be what is built from: two readers may see different things in one file. */
async function verify(
  { signal }: Kiln,
  container: Container,
  { bytes, content, own }: { bytes: Buffer; content: string; own: readonly Buffer[] },
): Promise<SignatureVerdict> {
  const rings = own.map((ring, at) => rootFile(`${directory}/own-${at}.gpg`, ring));
  await container.put("/tmp", packTar([rootFile(`${directory}/signed.dsc`, bytes), ...rings]));
  const stdout = new Head(bytes.length + longestStatus);
  await container.run(["sh", "-c", script], {
    environment: { LC_ALL: "C.UTF-8", GNUPGHOME: "/nonexistent" },
    stdout,
    signal,
  });
  const [status = "", signed] = stdout.text.split(`${marker}\n`, 2);
  const verdict = verdictOf(status);
  if (verdict.kind !== "good" || plain(signed ?? "") === plain(content)) return verdict;
  return { kind: "bad", owner: verdict.owner };
}

const script = `cd /tmp/${directory} || exit
set -- --status-fd 3 --output signed.txt
for ring in /usr/share/keyrings/debian-*.gpg /usr/share/keyrings/debian-*.pgp ./own-*.gpg; do
  case $ring in *removed*|*'*'*) continue;; esac
  set -- "$@" --keyring "$ring"
done
gpgv "$@" signed.dsc 3>&1 > /dev/null 2>&1
echo '${marker}'
cat signed.txt 2> /dev/null`;

function plain(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}
