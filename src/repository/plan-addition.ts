import { Failure } from "../base/failure.ts";

/** A package as people name it. */
export interface NamedPackage {
  readonly name: string;
  readonly version: string;
  /** `source` for a source package. */
  readonly architecture: string;
}

/** A package in a suite, or about to be. */
export interface Placed extends NamedPackage {
  readonly component: string;
  /** The name of the source that it comes from; a source's own. */
  readonly source: string;
  /** The same for the same bytes only. */
  readonly bytes: string;
}

/** Which packages of a suite make way for new ones. */
export type Displacement =
  /** None: a package of that name, version and architecture with other bytes is refused. */
  | "none"
  /** Those of the same name and architecture, of any version. */
  | "same-package"
  /** All of some sources, of some architectures (`source` among them). */
  | { readonly sources: readonly string[]; readonly architectures: readonly string[] };

/** What adding packages to a suite comes to. */
export interface AdditionPlan<There, Coming> {
  readonly added: readonly Coming[];
  /** Of those that come, what is there already, to the byte. */
  readonly present: readonly Coming[];
  readonly kept: readonly There[];
  readonly removed: readonly There[];
}

/** Decides what stays, goes and comes. @throws Failure package-differs (usage). */
export function planAddition<There extends Placed, Coming extends Placed>(
  there: readonly There[],
  coming: readonly Coming[],
  displaces: Displacement,
): AdditionPlan<There, Coming> {
  const had = new Set(there.map(content));
  const wanted = new Set(coming.map(content));
  const makesWay = displacedBy(coming, displaces);
  const goes = (each: There) => makesWay(each) && !wanted.has(content(each));
  const kept = there.filter((each) => !goes(each));
  const fresh = coming.filter((each) => !had.has(content(each)));
  const added = [...new Map(fresh.map((each) => [content(each), each])).values()];
  const names = new Set(kept.map(identity));
  for (const each of added) {
    if (names.has(identity(each))) throw differs(each);
    names.add(identity(each));
  }
  return {
    added,
    present: coming.filter((each) => had.has(content(each))),
    kept,
    removed: there.filter(goes),
  };
}

/** dpkg and apt tell packages of one version apart by nothing else. */
function identity({ component, name, version, architecture }: Placed): string {
  return [component, name, version, architecture].join(" ");
}

function content(each: Placed): string {
  return `${identity(each)} ${each.bytes}`;
}

function displacedBy(coming: readonly Placed[], displaces: Displacement): (there: Placed) => boolean {
  if (displaces === "none") return () => false;
  if (displaces === "same-package") {
    const names = new Set(coming.map(({ name, architecture }) => `${name} ${architecture}`));
    return ({ name, architecture }) => names.has(`${name} ${architecture}`);
  }
  const { sources, architectures } = displaces;
  return ({ source, architecture }) => sources.includes(source) && architectures.includes(architecture);
}

function differs({ name, version, architecture }: Placed): Failure {
  return new Failure(
    "usage",
    "package-differs",
    `The repository has ${name} ${version} (${architecture}) with other bytes`,
    {
      hint: "Give the new build a version of its own; or let it take the old one's place with --replace.",
      details: { name, version, architecture },
    },
  );
}
