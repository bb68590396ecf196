import { Failure } from "../base/failure.ts";

/** The parts of a Debian version, deb-version(7). A native package's version has no revision. */
export interface Version {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string | null;
}

/** Takes a version apart. Raises `bad-version` for what `dpkg --validate-version` refuses. */
export function parseVersion(text: string): Version {
  const colon = text.indexOf(":");
  const epochText = colon < 0 ? "0" : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  const upstream = dash < 0 ? rest : rest.slice(0, dash);
  const revision = dash < 0 ? null : rest.slice(dash + 1);
  const epoch = Number(epochText);
  if (!/^[0-9]+$/.test(epochText) || epoch > maximalEpoch) throw bad(text, "its epoch is not a small number");
  if (!/^[0-9]/.test(upstream)) throw bad(text, "its upstream version does not begin with a digit");
  if (!/^[A-Za-z0-9.+~:-]*$/.test(upstream))
    throw bad(text, "its upstream version has characters that may not be there");
  if (revision !== null && !/^[A-Za-z0-9.+~]+$/.test(revision)) {
    throw bad(
      text,
      revision === "" ? "its revision is empty" : "its revision has characters that may not be there",
    );
  }
  return { epoch, upstream, revision };
}

/** Orders two versions as dpkg does, deb-version(7) "Sorting algorithm". Raises `bad-version`. */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return (
    sign(left.epoch - right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision ?? "", right.revision ?? "")
  );
}

/** The version as file names have it. */
export function withoutEpoch(version: string): string {
  return version.replace(/^[0-9]+:/, "");
}

/** A C int, as dpkg has it. */
const maximalEpoch = 2_147_483_647;

function bad(version: string, why: string): Failure {
  return new Failure("package", "bad-version", `${JSON.stringify(version)} is not a Debian version: ${why}`, {
    hint: "deb-version(7) describes the form, [epoch:]upstream[-revision].",
    details: { version },
  });
}

/** Compares runs of other characters and runs of digits in turn. */
function compareParts(a: string, b: string): -1 | 0 | 1 {
  const left = a.matchAll(/([^0-9]*)([0-9]*)/g);
  const right = b.matchAll(/([^0-9]*)([0-9]*)/g);
  for (;;) {
    const [x, y] = [left.next(), right.next()];
    if (x.done === true && y.done === true) return 0;
    const [, wordX = "", numberX = ""] = x.value ?? [];
    const [, wordY = "", numberY = ""] = y.value ?? [];
    const order = compareWords(wordX, wordY) || compareNumbers(numberX, numberY);
    if (order !== 0) return order;
  }
}

function compareWords(a: string, b: string): -1 | 0 | 1 {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = sign(rank(a[i]) - rank(b[i]));
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde sorts before the end, the end before letters, letters before everything else. */
function rank(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

/** Digits compared as text, for they may be longer than a number holds. */
function compareNumbers(a: string, b: string): -1 | 0 | 1 {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return sign(x.length - y.length) || (x < y ? -1 : x > y ? 1 : 0);
}

function sign(difference: number): -1 | 0 | 1 {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}
