import { dirname } from "node:path";
import type { TargetDefinition } from "../../environment/target.ts";
import type { ImagePlan, PlannedEntry, PlannedStep } from "../plan.ts";
import { accountPart } from "./accounts.ts";
import { bootPart } from "./boot.ts";
import { boundImagePart } from "./bound-images.ts";
import { authorityPart } from "./authorities.ts";
import { filePart } from "./files.ts";
import { firewallPart } from "./firewall.ts";
import type { Inputs } from "./inputs.ts";
import { annotationsOf, labelsOf } from "./labels.ts";
import { machineOf } from "./machine.ts";
import { packagePlan } from "./packages.ts";
import type { Part } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";
import { regionalParts } from "./regional.ts";
import { repositoryPart } from "./repositories.ts";
import { servicesOf } from "./services.ts";
import { sshServerPart } from "./ssh-server.ts";
import { suiteNameOf, targetOfImage } from "./suites.ts";

/** For what an image is planned, beyond its definition. */
export interface ImageChoice {
  /** Debian's name. */
  readonly architecture: string;
  /** What the definition leaves open of where packages come from. */
  readonly fallback: Partial<TargetDefinition>;
}

/**
 * Decides everything that a definition says of one image. Pure; the same definition, inputs and choice give the same plan.
 * @throws Failure (usage) for what no image can have, at its place in the definition.
 */
export function planImage(definition: Definition, inputs: Inputs, choice: ImageChoice): ImagePlan {
  const { blueprint } = definition;
  const machine = machineOf(choice.architecture, definition);
  const suiteName = suiteNameOf(definition);
  const boot = bootPart(definition, machine, suiteName);
  const accounts = accountPart(definition);
  const parts: readonly Part[] = [
    boot,
    accounts,
    ...regionalParts(definition),
    firewallPart(definition),
    sshServerPart(definition),
    authorityPart(definition),
    repositoryPart(definition, suiteName),
    boundImagePart(definition),
    filePart(definition, inputs),
  ];
  const labels = labelsOf(definition);
  const { bootc } = blueprint;
  return {
    name: blueprint.name,
    version: blueprint.version,
    description: blueprint.description,
    architecture: machine.name,
    target: targetOfImage(definition, machine.name, choice.fallback),
    packages: packagePlan(
      definition,
      parts.flatMap(({ packages = [] }) => packages),
      inputs,
      machine,
    ),
    boot: boot.boot,
    entries: entriesOf(definition, parts),
    hostname: blueprint.customizations.hostname ?? null,
    services: servicesOf(
      definition,
      parts.flatMap(({ enabled = [] }) => enabled),
    ),
    var: bootc.var,
    commands: parts.flatMap(({ commands = [] }) => commands),
    steps: stepsOf(definition, inputs),
    accounts: accounts.accounts,
    layout: { home: bootc.home, local: bootc.local },
    layers: { budget: bootc.layer_budget, compression: bootc.compression },
    labels,
    annotations: annotationsOf(labels),
    notices: parts.flatMap(({ notices = [] }) => notices),
  };
}

/** All entries by path. What two keys write, or what lies in a file, is refused: neither could be told from a mistake. */
function entriesOf(definition: Definition, parts: readonly Part[]): readonly PlannedEntry[] {
  const entries = parts
    .flatMap(({ entries = [] }) => entries)
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const byPath = new Map<string, PlannedEntry>();
  for (const entry of entries) {
    const before = byPath.get(entry.path);
    if (before !== undefined) {
      const hint =
        before.from === entry.from
          ? "Leave one of them out."
          : `Leave it out of one of ${before.from} and ${entry.from}.`;
      throw conflict(definition, entry, `${entry.path} is written twice`, hint);
    }
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) {
    for (let parent = parentOf(entry.path); parent !== ""; parent = parentOf(parent)) {
      const above = byPath.get(parent);
      if (above !== undefined && above.type !== "directory") {
        throw conflict(
          definition,
          entry,
          `${entry.path} would lie in ${parent}, which is no directory`,
          "Give one of them another path.",
        );
      }
    }
  }
  return entries;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function conflict({ place, blueprint }: Definition, { path }: PlannedEntry, message: string, hint: string) {
  const { files, directories } = blueprint.customizations;
  const file = files.findLastIndex((each) => each.path === path);
  const directory = directories.findLastIndex((each) => each.path === path);
  const at =
    file !== -1 ? ["files", String(file)] : directory !== -1 ? ["directories", String(directory)] : [];
  return problem(place, ["customizations", ...at], { code: "definition-conflict", message, hint });
}

function stepsOf({ blueprint }: Definition, inputs: Inputs): readonly PlannedStep[] {
  return blueprint.bootc.steps.map(({ name, run, script, containerfile, context }, index): PlannedStep => {
    const title = name ?? `step ${index + 1}`;
    if (run !== undefined) return { name: title, kind: "run", text: run };
    if (script !== undefined) return { name: title, kind: "script", script: inputs.file(script) };
    const file = inputs.file(containerfile ?? "");
    const directory = context ?? dirname(file.path);
    const contextDigest = inputs.context(directory);
    return { name: title, kind: "containerfile", containerfile: file, context: directory, contextDigest };
  });
}
