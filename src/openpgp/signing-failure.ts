import { Failure } from "../base/failure.ts";
import type { ProgramKey } from "./signing-key.ts";

/** What a program that did not sign has said, as the failure that it means (doc/DETAILS of GnuPG, "INV_SGNR"). */
export function signingFailure(said: string, { kind, id }: ProgramKey): Failure {
  const rule = rules.find(({ text }) => text.test(said)) ?? otherwise;
  const last = said
    .split("\n")
    .findLast((line) => line.trim() !== "" && !line.startsWith("[GNUPG:]"))
    ?.trim();
  const fault = rule.code === "signer-too-old" || rule === otherwise ? "infrastructure" : "usage";
  return new Failure(fault, rule.code, rule.message(id, last ?? `${kind} failed`), {
    hint: rule.hint[kind],
    details: { program: kind, output: said },
  });
}

/** That the program is not there. */
export function programMissing({ kind }: ProgramKey, cause: unknown): Failure {
  return new Failure("infrastructure", "signer-missing", `${kind} is not installed on this machine`, {
    hint:
      kind === "gpg"
        ? "Install gnupg, or sign with a key of sq's."
        : "Install sq, or sign with a key of gpg's.",
    cause,
  });
}

interface Rule {
  readonly text: RegExp;
  readonly code: string;
  readonly message: (key: string, last: string) => string;
  readonly hint: Readonly<Record<ProgramKey["kind"], string>>;
}

const rules: readonly Rule[] = [
  {
    // gpg says it no more exactly than that of keys that are past their date or revoked; "not alive" is sq's word.
    text: /unusable secret key|key\b[^\n]*\bexpired|expired on|it is: (?:not alive|revoked)/i,
    code: "signing-key-expired",
    message: (key) => `The key ${key} can no longer sign: it has expired, or was revoked`,
    hint: {
      gpg: "Extend it (`gpg --quick-set-expire FINGERPRINT 2y`) or name another.",
      sq: "Extend it (`sq key expire`) or name another.",
    },
  },
  {
    text: /cannot be authenticated/i,
    code: "signing-key-unauthenticated",
    message: (key) =>
      `sq does not take the key for that of ${key}: its name is not certified, or it has expired`,
    hint: {
      gpg: "Name the key by its fingerprint.",
      sq: "Name the key by its fingerprint (`sq key list`), or certify its name with `sq pki link add`.",
    },
  },
  {
    text: /bad passphrase|no pinentry|cancelled|canceled|inappropriate ioctl|timeout|timed out|is locked|unlock/i,
    code: "signing-key-locked",
    message: (key, last) => `The key ${key} was not unlocked: ${last}`,
    hint: {
      gpg: "Sign on a terminal (GPG_TTY), or unlock the key in your agent before.",
      sq: "Sign on a terminal, or unlock the key in your agent before.",
    },
  },
  {
    // sq does not tell a key that it could not unlock from one that is not there.
    text: /no secret key|INV_SGNR|not found|no key|no such|missing the secret key|no certificates matched/i,
    code: "signing-key-missing",
    message: (key) => `There is no secret key ${key} here`,
    hint: {
      gpg: "`gpg --list-secret-keys` shows those that there are; name one.",
      sq: "`sq key list` shows those that there are; name one. One with a password signs on a terminal only.",
    },
  },
  {
    text: /wasn't expected|unexpected argument|unrecognized subcommand/,
    code: "signer-too-old",
    message: () => "The signing program on this machine does not know the options that debkiln gives it",
    hint: {
      gpg: "gpg must be at least 2.2.",
      sq: "sq must be at least 1.0 (Debian 13 has it; Debian 12's is older); or sign with a key of gpg's.",
    },
  },
];

const otherwise: Rule = {
  text: /^/,
  code: "signing-failed",
  message: (key, last) => `There is no signature by the key ${key}: ${last}`,
  hint: {
    gpg: "The program's own words are in the details; its agent may need a passphrase or a card.",
    sq: "The program's own words are in the details.",
  },
};
