import type { Ending } from "./check.ts";
import type { Verdict } from "./outcome.ts";
import { failedSteps, notInstallable } from "./piuparts-script.ts";

/** Of packages that were installed and purged: tells which step failed, and what is other than before. */
export function judgePiuparts({ exitCode, output }: Ending): Verdict {
  const failed = failedStep(exitCode);
  if (failed !== null) return failed;
  const found = findingsIn(output, leftWords);
  if (found.length === 0) return { status: "pass", summary: "nothing stays after purging" };
  return { status: "fail", summary: `after purging ${inWords(found)}` };
}

/**
 * Of packages that were installed over others. What stays when they are purged is a fault; what an upgraded system has otherwise than
 * a fresh one is told, for nobody but a reader can say whether it should.
 */
export function judgeUpgrade({ exitCode, output }: Ending): Verdict {
  if (exitCode === notInstallable) return { status: "none", summary: "the earlier version does not install" };
  const failed = failedStep(exitCode);
  if (failed !== null) return failed;
  const before = new Set(findingsIn(output, oldWords).map(({ path }) => path));
  const stays = findingsIn(output, leftWords).map(({ path, words }) => ({
    path,
    words: before.has(path) ? `${words} (as with the earlier version alone)` : words,
  }));
  const obsolete = new Set(findingsIn(output, obsoleteWords).map(({ path }) => path));
  const differs = findingsIn(output, upgradedWords).filter(
    ({ path, kind }) => kind === "obsolete" || !obsolete.has(path),
  );
  const upgraded = differs.length === 0 ? "" : `after upgrading ${inWords(differs)}`;
  if (stays.length > 0) {
    const purged = `after upgrading and purging ${inWords(stays)}`;
    return { status: "fail", summary: upgraded === "" ? purged : `${purged}; ${upgraded}` };
  }
  if (upgraded !== "") return { status: "info", summary: upgraded };
  return { status: "pass", summary: "upgraded, removed and purged" };
}

function failedStep(exitCode: number): Verdict | null {
  if (exitCode === 0) return null;
  const step = failedSteps.get(exitCode);
  if (step === undefined)
    return { status: "error", summary: `the trial itself failed with exit code ${exitCode}` };
  return { status: "fail", summary: `${step} failed` };
}

interface Finding {
  readonly kind: string;
  readonly path: string;
  readonly words: string;
}

type Words = ReadonlyMap<string, string>;

const leftWords: Words = new Map([
  ["left", "is still there"],
  ["gone", "is gone"],
  ["changed", "has changed"],
]);

const oldWords: Words = new Map([...leftWords].map(([kind, words]) => [`old-${kind}`, words]));

const obsoleteWords: Words = new Map([["obsolete", "stays as an obsolete conffile"]]);

const upgradedWords: Words = new Map([
  ...obsoleteWords,
  ["extra", "is there, but not in a fresh installation"],
  ["lacking", "is missing that a fresh installation has"],
  ["other", "is of another kind, mode or owner than in a fresh installation"],
]);

/**
 * What the script marked with one of these words, in their order, without what packages are not to blame for. A directory stands for
 * what came or went with it.
 */
function findingsIn(output: string, words: Words): readonly Finding[] {
  const marked = [...output.matchAll(/^debkiln: ([a-z-]+) (\/.*)$/gm)].filter(
    ([, , path = ""]) => !ignored.some((pattern) => pattern.test(path)),
  );
  return [...words].flatMap(([kind, said]) => {
    const paths = new Set(marked.flatMap(([, word, path = ""]) => (word === kind ? [path] : [])));
    const highest = wholes.has(kind) ? [...paths].filter((path) => !ancestors(path).some(has(paths))) : paths;
    return [...highest].map((path) => ({ kind, path, words: said }));
  });
}

/** What befalls directories with all that is in them. */
const wholes = new Set(["left", "gone", "old-left", "old-gone", "extra", "lacking"]);

function ancestors(path: string): readonly string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

function has(paths: ReadonlySet<string>): (path: string) => boolean {
  return (path) => paths.has(path);
}

function inWords(found: readonly Pick<Finding, "path" | "words">[]): string {
  const shown = found.slice(0, 3).map(({ path, words }) => `${path} ${words}`);
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : "";
  return `${shown.join(", ")}${more}`;
}

/** What dpkg, its triggers and account tools keep for themselves, as piuparts ignores it; accounts may stay (Policy 9.2.2). */
const ignored = [
  /^\/var\/(lib\/(dpkg|apt|ucf)|cache\/(apt|debconf|ldconfig|man|fontconfig)|log\/apt)(\/|$)/,
  /^\/var\/log\/(dpkg|alternatives|fontconfig)\.log$/,
  /^\/var\/lib\/systemd\/deb-systemd-helper-(enabled|masked)(\/|$)/,
  /^\/etc\/(ld\.so\.cache|\.pwd\.lock|(passwd|group|shadow|gshadow|subuid|subgid)-?)$/,
  /^\/(home|var\/mail|var\/spool\/mail)(\/|$)/,
  /^\/usr\/share\/info\/dir(\.old)?$/,
  /\/__pycache__(\/|$)/,
];
