import { Failure } from "../base/failure.ts";
import type { Candidate } from "./candidates.ts";
import { endpointText } from "./endpoint.ts";
import { tlsTrouble } from "./tls.ts";

/** The failure of the only place that was to be tried, from what trying it threw. */
export function noneAt(candidate: Candidate, thrown: unknown): Failure {
  if (thrown instanceof Failure && thrown.fault === "usage") return thrown;
  const place = placeText(candidate);
  return new Failure(
    "infrastructure",
    "no-engine",
    `No container engine answers at ${place}: ${reasonOf(thrown)}`,
    {
      hint: thrown instanceof Failure && thrown.hint !== undefined ? thrown.hint : hintFor(candidate, thrown),
      details: { tried: [place], origin: candidate.origin },
      cause: thrown,
    },
  );
}

/** A place for messages. */
export function placeText({ place }: Candidate): string {
  return place.type === "service" ? "podman system service" : endpointText(place);
}

/** Why a place did not answer, in words. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = "code" in thrown ? String(thrown.code) : "";
  const trouble = tlsTrouble(thrown);
  if (trouble !== null) return trouble.reason;
  if (code.startsWith("HPE_")) return "what answers there speaks no HTTP and is no container engine";
  return reasons[code] ?? thrown.message;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such socket",
  ENOTSOCK: "not a socket",
  ECONNREFUSED: "nothing listens there",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that host",
  ETIMEDOUT: "no answer",
  EPROTO: "what answers there does not speak TLS",
  EACCES: "permission denied: this user may not open the socket",
  EPERM: "permission denied: this user may not open the socket",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "its host's name cannot be looked up at present",
  ABORT_ERR: "no answer",
};

/** `debkiln doctor` looks at this machine only. */
function hintFor({ place }: Candidate, thrown: unknown): string {
  if (place.type !== "tcp") return "Run `debkiln doctor`: it says what to install or start.";
  const trouble = tlsTrouble(thrown);
  if (trouble !== null) return trouble.hint;
  const { secure, host, port } = place;
  const scheme = secure ? "https" : "http";
  return `See that an engine listens there: \`curl ${scheme}://${host}:${port}/_ping\` is to answer OK.`;
}
