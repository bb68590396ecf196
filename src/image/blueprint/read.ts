import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../base/failure.ts";
import { isMissing } from "../../base/system-error.ts";
import { parseToml } from "../../base/toml.ts";
import type { Blueprint } from "./blueprint.ts";
import { type Place, checkBlueprint } from "./check.ts";

/** A definition as it was read. */
export interface Definition {
  /** With defaults in place, and with absolute paths of local files. */
  readonly blueprint: Blueprint;
  /** As the user named it. */
  readonly file: string;
  readonly place: Place;
}

/**
 * Reads a definition. Relative paths in it are meant from its own directory.
 * @throws Failure definition-missing, config-syntax, and what `checkBlueprint` raises (usage).
 */
export async function readBlueprint(file: string): Promise<Definition> {
  const document = parseToml(await readText(file), file);
  const place: Place = (path) => [file, document.lineOf(path)].filter((part) => part !== null).join(":");
  return { blueprint: located(checkBlueprint(document, place), dirname(resolve(file))), file, place };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    const why = isMissing(thrown)
      ? `There is no image definition ${file}`
      : `Cannot read ${file}: ${String(thrown)}`;
    throw new Failure("usage", "definition-missing", why, {
      hint: "Name a definition in TOML, such as images/server.toml.",
      cause: thrown,
    });
  }
}

function located(blueprint: Blueprint, directory: string): Blueprint {
  const at = (path: string) => resolve(directory, path.startsWith("file:") ? fileURLToPath(path) : path);
  const fileOrText = (each: string) => (each.includes("\n") ? each : at(each));
  const { debian, bootc, customizations } = blueprint;
  return {
    ...blueprint,
    customizations: {
      ...customizations,
      files: customizations.files.map((each) =>
        each.uri === undefined ? each : { ...each, uri: at(each.uri) },
      ),
    },
    debian: {
      ...debian,
      ...(debian.keyring === undefined ? {} : { keyring: at(debian.keyring) }),
      ...(debian.lock === undefined ? {} : { lock: at(debian.lock) }),
      ...(debian.preferences === undefined ? {} : { preferences: debian.preferences.map(fileOrText) }),
      debs: debian.debs.map(at),
      repositories: debian.repositories.map(fileOrText),
    },
    bootc: {
      ...bootc,
      steps: bootc.steps.map((step) => ({
        ...step,
        ...(step.script === undefined ? {} : { script: at(step.script) }),
        ...(step.containerfile === undefined ? {} : { containerfile: at(step.containerfile) }),
        ...(step.context === undefined ? {} : { context: at(step.context) }),
      })),
    },
  };
}
