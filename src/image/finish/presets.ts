import { nameOf, resolvePath } from "../tree/path.ts";
import type { Changes } from "./changes.ts";
import type { FinishOptions } from "./options.ts";
import { type InstallSection, linksOf, templateOf } from "./unit-file.ts";
import { type Unit, type Units, configured, findUnits, unitNamed, vendor } from "./units.ts";
import { type Enabled, wantedUnits } from "./wanted-units.ts";

/** Before systemd's own and those of packages, all of which begin with 90; after what a definition may name 10 or 50. */
export const presetFile = "usr/lib/systemd/system-preset/80-debkiln.preset";

/**
 * Says by presets (systemd.preset(5)) which units hosts start, in place of the links that maintainer scripts made in /etc.
 * A host applies them at its first boot, and from then on what is enabled is its own: no link of the image's /etc is ever
 * in the way of that (snosi's ADR-0013, bootc issue 2278). What no preset can say stays a link.
 * @throws Failure unknown-unit, unit-not-enableable (usage).
 */
export function presetUnits(changes: Changes, options: FinishOptions): void {
  const units = findUnits(changes);
  const links = enablementLinks(changes, units);
  const { enabled, disabled, masked } = wantedUnits(units, enabledBy(links), options.services, changes);
  const linked = new Set([...enabled.keys()].filter((name) => !isPresettable(name, units, enabled)));
  for (const { path, unit } of links) {
    if (!linked.has(unit) || !enabled.has(unit)) changes.drop(path, "presets enable units, not links");
  }
  for (const name of disabled) dropLinksTo(changes, name);
  for (const name of linked) linkUnit(changes, units, name, enabled);
  for (const name of masked) {
    changes.symlink(`${configured}/${name}`, "/dev/null");
    changes.note("written", `${configured}/${name}`, "the definition masks the unit");
  }
  for (const name of enabled.keys()) unmask(changes, name);
  dropEmptyDirectories(changes);
  changes.file(presetFile, presets(units, enabled, linked));
}

interface EnablementLink {
  /** Where the link is. */
  readonly path: string;
  /** The unit that enabling makes it for. */
  readonly unit: string;
  readonly instance: string | null;
}

/** The links below /etc/systemd/system that enabling a unit would make. */
function enablementLinks(changes: Changes, units: Units): EnablementLink[] {
  return changes.below(configured).flatMap(({ path, type }) => {
    if (type !== "symlink") return [];
    const relative = path.slice(configured.length + 1);
    const name = relative.includes("/") ? nameOf(path) : nameOf(resolvePath(changes.tree, path));
    const found = unitNamed(units, name);
    const install = found?.unit.install ?? null;
    if (found === null || install === null) return [];
    const own = found.instance === null ? found.unit.name : name;
    return linksOf(install, own).includes(relative)
      ? [{ path, unit: found.unit.name, instance: found.instance }]
      : [];
  });
}

function enabledBy(links: readonly EnablementLink[]): Enabled {
  const enabled: Enabled = new Map();
  for (const { unit, instance } of links) enabled.set(unit, (enabled.get(unit) ?? new Set()).add(instance));
  return enabled;
}

/**
 * Whether a preset does for the unit what is wanted. Not when it drags along (Also=) a unit that is not to be enabled, and
 * not when other units would require it: on a host that link would stay when a later image has the unit no more, and the
 * boot would fail for want of it.
 */
function isPresettable(name: string, units: Units, enabled: Enabled): boolean {
  const install = units.byName.get(name)?.install ?? null;
  if (install === null) return false;
  const dragged = alongWith(name, units);
  const instances = otherInstances(install, enabled.get(name));
  // With instances named, a preset gives further names to these alone, not to the template.
  const isNamed = instances.length === 0 || install.alias.length === 0;
  return isNamed && install.requiredBy.length === 0 && dragged.every((each) => enabled.has(each));
}

/** The instances of a template but for the one that is meant when none is named. */
function otherInstances(
  { defaultInstance }: InstallSection,
  instances: ReadonlySet<string | null> = new Set(),
): string[] {
  return named(instances).filter((instance) => instance !== defaultInstance);
}

function named(instances: ReadonlySet<string | null>): string[] {
  return [...instances].filter((instance) => instance !== null).toSorted();
}

/** The units that are enabled along with one, and with those, as far as enabling does anything. */
function alongWith(name: string, units: Units): string[] {
  const seen = new Set([name]);
  for (const each of seen) {
    for (const other of units.byName.get(each)?.install?.also ?? []) {
      const found = unitNamed(units, other);
      if (found !== null) seen.add(found.unit.name);
    }
  }
  seen.delete(name);
  return [...seen].filter((each) => {
    const install = units.byName.get(each)?.install ?? null;
    return install !== null && linksOf(install, each).length > 0;
  });
}

/** Enables a unit by links: in /etc, or in /usr when something requires it, so that the links are the image's. */
function linkUnit(changes: Changes, units: Units, name: string, enabled: Enabled): void {
  const unit = units.byName.get(name);
  const install = unit?.install ?? null;
  if (unit === undefined || install === null) return;
  const isRequired = install.requiredBy.length > 0;
  for (const own of instancesOf(unit, install, enabled)) {
    for (const link of linksOf(install, own)) {
      const inVendor = link.includes("/") ? `../${name}` : name;
      if (isRequired) changes.remove(`${configured}/${link}`);
      if (isRequired) changes.symlink(`${vendor}/${link}`, inVendor);
      else changes.symlink(`${configured}/${link}`, `/${vendor}/${name}`);
      changes.note(
        "kept",
        `${isRequired ? vendor : configured}/${link}`,
        "no preset can say this of the unit",
      );
    }
  }
}

/** The unit's own name, or those of a template's instances. */
function instancesOf({ name }: Unit, { defaultInstance }: InstallSection, enabled: Enabled): string[] {
  return [...(enabled.get(name) ?? [])].map((instance) => {
    const which = instance ?? (name.includes("@.") ? defaultInstance : null);
    return which === null ? name : name.replace("@.", `@${which}.`);
  });
}

/** All links to a unit that is not to start, also those that enabling it would not make. */
function dropLinksTo(changes: Changes, name: string): void {
  for (const { path, type } of changes.below(configured)) {
    const isDependency = /\.(?:wants|requires|upholds)\/[^/]+$/.test(path);
    const isOf = nameOf(path) === name || templateOf(nameOf(path))?.template === name;
    if (type === "symlink" && isDependency && isOf) changes.drop(path, "the definition disables the unit");
  }
}

function unmask(changes: Changes, name: string): void {
  const entry = changes.get(`${configured}/${name}`);
  if (entry?.type === "symlink" && entry.target === "/dev/null") changes.remove(entry.path);
}

function dropEmptyDirectories(changes: Changes): void {
  for (const { path, type } of changes.children(configured)) {
    const isOfLinks = /\.(?:wants|requires|upholds)$/.test(path);
    if (type === "directory" && isOfLinks && changes.children(path).length === 0) changes.remove(path);
  }
}

/** A line for each unit that can be enabled: without one, hosts would enable it. */
function presets(units: Units, enabled: Enabled, linked: ReadonlySet<string>): string {
  const lines = [...units.byName.values()].flatMap((unit) => {
    const { name, install, isLinked } = unit;
    const instances = enabled.get(name);
    if (instances === undefined || linked.has(name)) {
      return install !== null || isLinked ? [`disable ${name}`] : [];
    }
    const isDefault = install !== null && otherInstances(install, instances).length === 0;
    return [["enable", name, ...(isDefault ? [] : named(instances))].join(" ")];
  });
  const sorted = [
    ...lines.filter(isEnabling).toSorted(),
    ...lines.filter((line) => !isEnabling(line)).toSorted(),
  ];
  return `# What starts on hosts by the image's packages and its definition; applied at a host's first boot.\n${sorted
    .map((line) => `${line}\n`)
    .join("")}`;
}

function isEnabling(line: string): boolean {
  return line.startsWith("enable ");
}
