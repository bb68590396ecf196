import { Failure, type Fault } from "../base/failure.ts";

/** What the adapter was doing, for the message: "create the container x". */
export type Action = string;

interface Rule {
  readonly status?: number;
  readonly text?: RegExp;
  readonly fault: Fault;
  readonly code: string;
  readonly hint: string;
}

/** What engines answer, most telling first. One line per kind of trouble: the only place where statuses become failures. */
const rules: readonly Rule[] = [
  {
    text: /no space left on device|disk quota exceeded|ENOSPC/i,
    fault: "infrastructure",
    code: "disk-full",
    hint: "Free space on the engine's disk: `debkiln gc`, then `podman system df` or `docker system df`.",
  },
  {
    text: /EACCES|EPERM/,
    fault: "infrastructure",
    code: "engine-denied",
    hint: "This user may not use the engine's socket: run `debkiln doctor`.",
  },
  {
    text: /ECONNREFUSED|ENOENT.*connect|connect ENOENT|ECONNRESET|EPIPE|socket hang up|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND/,
    fault: "infrastructure",
    code: "engine-lost",
    hint: "The engine, or the way to it, went away: see whether its service runs, then run `debkiln doctor`. The next command with it removes what it still has of this one.",
  },
  {
    status: 404,
    text: /image/i,
    fault: "infrastructure",
    code: "image-missing",
    hint: "Make or pull the image again: `debkiln env list` shows what is there.",
  },
  {
    status: 404,
    text: /container|exec/i,
    fault: "infrastructure",
    code: "container-ended",
    hint: "Something removed the container meanwhile; run the command again.",
  },
  {
    text: /\bname\b.*already in use/i,
    fault: "infrastructure",
    code: "container-exists",
    hint: "Another container has this name: remove it with `podman rm -f` or `docker rm -f`.",
  },
  {
    text: /container.*(not running|is stopped|is paused|not started)|improper state|can only create exec sessions/i,
    fault: "infrastructure",
    code: "container-ended",
    hint: "Something ended the container meanwhile; run the command again.",
  },
  {
    text: /cgroups? in hybrid mode|setrlimit|newuidmap|subuid|cgroup/i,
    fault: "infrastructure",
    code: "container-start-failed",
    hint: "This host needs a repair before containers can start: run `debkiln doctor --fix`.",
  },
];

/** The failure for whatever a call to the engine threw. Failures pass unchanged. */
export function apiFailure(thrown: unknown, action: Action, otherwise = "engine-failed"): Failure {
  if (thrown instanceof Failure) return thrown;
  const status = statusOf(thrown);
  const text = textOf(thrown);
  const rule = rules.find(
    (rule) =>
      (rule.status === undefined || rule.status === status) &&
      (rule.text === undefined || rule.text.test(text)),
  );
  return new Failure(
    rule?.fault ?? "infrastructure",
    rule?.code ?? otherwise,
    `The engine could not ${action}: ${reasonOf(text)}`,
    { hint: rule?.hint ?? "Run `debkiln doctor`.", details: { status }, cause: thrown },
  );
}

/** The HTTP status of an engine's error answer; null when the error is of another kind. */
export function statusOf(thrown: unknown): number | null {
  if (typeof thrown !== "object" || thrown === null || !("statusCode" in thrown)) return null;
  return typeof thrown.statusCode === "number" ? thrown.statusCode : null;
}

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = "code" in thrown && typeof thrown.code === "string" ? `${thrown.code} ` : "";
  return thrown.message === ""
    ? `${code}${thrown.name}`
    : `${thrown.message.includes(code.trim()) ? "" : code}${thrown.message}`;
}

/** docker-modem's "(HTTP code 404) no such container - TEXT " without its frame. */
function reasonOf(text: string): string {
  return text
    .replace(/^\(HTTP code \d+\) [^-]* - /, "")
    .trim()
    .slice(0, 2000);
}
