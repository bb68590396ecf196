import { type Stanza, bad, parseDeb822 } from "./deb822.ts";
import { words } from "./field.ts";

/** One test of debian/tests/control (autopkgtest, README.package-tests). */
export interface PackageTest {
  readonly name: string;
  /** What is run: a file below the tree, or a shell command. */
  readonly run: { readonly path: string } | { readonly command: string };
  /** The field's text, with `@` and its kin; `@` when it is absent. */
  readonly depends: string;
  readonly restrictions: readonly string[];
  /** Patterns of architectures, with `!` before those that are excepted; empty for all. */
  readonly architectures: readonly string[];
}

/**
 * The tests that a package brings, in their order. The text comes from whoever wrote the package.
 * @throws Failure bad-control-data (package).
 */
export function parseTestControl(text: string, origin: string): readonly PackageTest[] {
  const tests = parseDeb822(text, origin).flatMap((stanza, index) => testsOf(stanza, index + 1));
  const seen = new Set<string>();
  for (const { name } of tests) {
    if (seen.has(name)) throw bad({ origin, line: 1, fault: "package" }, `two tests named ${name}`);
    seen.add(name);
  }
  return tests;
}

function testsOf(stanza: Stanza, number: number): PackageTest[] {
  const list = (field: string) => words((stanza.get(field) ?? "").replaceAll(",", " "));
  const common = {
    depends: (stanza.get("Depends") ?? "@").split(/\s+/).join(" ").trim(),
    restrictions: list("Restrictions"),
    architectures: list("Architecture"),
  };
  const names = list("Tests");
  const command = stanza.get("Test-Command");
  if (command !== null && names.length > 0)
    throw bad(stanza.at, "both Tests and Test-Command, of which a test has one");
  if (command !== null) {
    const name = namedBy(list("Features")) ?? `command${number}`;
    return [{ name: checkName(name, stanza), run: { command }, ...common }];
  }
  if (names.length === 0) throw bad(stanza.at, "neither Tests nor Test-Command");
  const directory = (stanza.get("Tests-Directory") ?? "debian/tests").trim().replace(/\/+$/, "");
  if (!/^[A-Za-z0-9._+-]+(\/[A-Za-z0-9._+-]+)*$/.test(directory) || directory.split("/").includes(".."))
    throw bad(stanza.at, "a Tests-Directory that is not below the tree");
  return names.map((name) => ({
    name: checkName(name, stanza),
    run: { path: `${directory}/${name}` },
    ...common,
  }));
}

function namedBy(features: readonly string[]): string | null {
  return features.find((each) => each.startsWith("test-name="))?.slice("test-name=".length) ?? null;
}

/** Test names are file names (README.package-tests). */
function checkName(name: string, stanza: Stanza): string {
  if (/^[A-Za-z0-9][A-Za-z0-9+._-]{0,199}$/.test(name)) return name;
  throw bad(stanza.at, `${JSON.stringify(name.slice(0, 100))} where a test's name is due`);
}
