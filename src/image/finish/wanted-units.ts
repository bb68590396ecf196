import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import type { ServicePlan } from "../plan.ts";
import type { Draft } from "../tree/draft.ts";
import { isUnitName, linksOf } from "./unit-file.ts";
import { type Unit, type Units, configured, unitNamed } from "./units.ts";

/** Units that hosts are to start: of templates with the instances that are meant, of others with `null`. */
export type Enabled = Map<string, Set<string | null>>;

/** What the definition's services come to. */
export interface Wanted {
  readonly enabled: Enabled;
  /** Units that it takes back, by name. */
  readonly disabled: ReadonlySet<string>;
  readonly masked: ReadonlySet<string>;
}

/**
 * What is to be enabled when the definition has had its say about what packages enabled.
 * @throws Failure unknown-unit, unit-not-enableable (usage).
 */
export function wantedUnits(units: Units, byPackages: Enabled, services: ServicePlan, draft: Draft): Wanted {
  const enabled: Enabled = new Map([...byPackages].map(([name, instances]) => [name, new Set(instances)]));
  const masked = new Set(services.masked.map((word) => maskable(units, draft, word)));
  const disabled = new Set<string>();
  for (const word of services.enabled) {
    const name = fullName(word);
    if (isScript(draft, units, name)) continue;
    const { unit, instance } = known(units, word);
    if (!isEnableable(unit, instance)) throw notEnableable(unit);
    enabled.set(unit.name, (enabled.get(unit.name) ?? new Set()).add(instance));
  }
  for (const word of services.disabled) {
    const name = fullName(word);
    if (isScript(draft, units, name)) {
      masked.add(name);
      continue;
    }
    const { unit, instance } = known(units, word);
    if (unit.install === null) throw notDisableable(unit);
    disabled.add(instance === null ? unit.name : name);
    if (instance === null) enabled.delete(unit.name);
    else enabled.get(unit.name)?.delete(instance);
  }
  for (const name of masked) enabled.delete(name);
  return { enabled, disabled, masked };
}

function fullName(word: string): string {
  return isUnitName(word) ? word : `${word}.service`;
}

function known(units: Units, word: string): { readonly unit: Unit; readonly instance: string | null } {
  const found = unitNamed(units, fullName(word));
  if (found !== null) return found;
  const names = [...units.byName.keys(), ...units.aliases.keys()];
  const like = nearest(word, names) ?? nearest(fullName(word), names);
  throw new Failure("usage", "unknown-unit", `No package of the image has a unit ${fullName(word)}`, {
    hint:
      like === null
        ? "Name a unit of the packages, or add the package that has it."
        : `Did you mean ${like}? Else add the package that has it.`,
    details: { unit: fullName(word) },
  });
}

/** Devices, mounts and the like come from generators as well: their names cannot be checked. */
function maskable(units: Units, draft: Draft, word: string): string {
  const name = fullName(word);
  const isGenerated = !/\.(?:service|socket|timer|path)$/.test(name);
  return isGenerated || isScript(draft, units, name) ? name : (known(units, word), name);
}

/** Whether a service is but a script of System V's, of which systemd makes a unit at boot (systemd-sysv-generator(8)). */
function isScript(draft: Draft, units: Units, name: string): boolean {
  const script = draft.get(`etc/init.d/${name.replace(/\.service$/, "")}`);
  return script?.type === "file" && unitNamed(units, name) === null;
}

function isEnableable({ install, name }: Unit, instance: string | null): boolean {
  if (install === null) return false;
  const isWhole = !name.includes("@.") || instance !== null || install.defaultInstance !== null;
  return isWhole && (linksOf(install, name).length > 0 || install.also.length > 0);
}

function notEnableable({ name, install }: Unit): Failure {
  const isTemplate = name.includes("@.") && install !== null;
  return new Failure(
    "usage",
    "unit-not-enableable",
    `${name} cannot be enabled: it ${isTemplate ? "is a template" : "says nowhere what starts it"}`,
    {
      hint: isTemplate
        ? `Name an instance, such as ${name.replace("@.", "@NAME.")}.`
        : `Other units or hardware start it. To start it always, add a link /${configured}/multi-user.target.wants/${name}, or a drop-in with an [Install] section.`,
    },
  );
}

function notDisableable({ name }: Unit): Failure {
  return new Failure(
    "usage",
    "unit-not-enableable",
    `${name} cannot be disabled: it is started by other units only`,
    {
      hint: "Put it into customizations.services.masked to keep it from being started at all.",
    },
  );
}
