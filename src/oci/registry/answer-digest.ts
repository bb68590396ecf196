import { type Digest, isDigest } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import type { Answer } from "./exchange.ts";

/** The digest that a registry names with its answer, if it does. */
export function answerDigest({ headers }: Pick<Answer, "headers">): Digest | null {
  const header = headers["docker-content-digest"];
  return typeof header === "string" && isDigest(header) ? header : null;
}

/** Checks what a registry says it has taken or given. @throws Failure wrong-digest (infrastructure). */
export function requireDigest({ headers }: Pick<Answer, "headers">, digest: Digest, registry: string): void {
  const header = headers["docker-content-digest"];
  if (header === undefined || header === digest) return;
  throw new Failure(
    "infrastructure",
    "wrong-digest",
    `${registry} says that ${digest} has the digest ${printableLine(String(header)).slice(0, 100)}`,
    {
      hint: "The registry has a fault, or something in between alters what is sent: do not trust what it has now.",
      details: { digest, said: String(header) },
    },
  );
}
