import { compareVersions } from "../../debian/version.ts";
import type { Store } from "../../store/store.ts";
import { type Check, type Settled, type Trial } from "./check.ts";
import { artifactsTar, fileTar } from "./content.ts";
import { type ArchivedPackage, type BuiltPackage, archivedDebs, builtPackages } from "./packages.ts";
import { freshScript, oldPrefix, upgradeScript } from "./piuparts-script.ts";
import { judgePiuparts, judgeUpgrade } from "./piuparts-verdict.ts";
import { installableGroups, needsOf } from "./siblings.ts";

/**
 * What piuparts(1) does, in containers: the packages are installed, removed and purged, and the file system is compared with
 * what it was before; then they are installed over the archive's versions, and it is compared with that of a fresh installation too.
 */
export const piuparts: Check = {
  name: "piuparts",
  environment: null,
  plan: async (subject, bench) => {
    const built = await builtPackages(subject, bench);
    if (built.length === 0) return { status: "none", summary: "no packages were built" };
    const groups = groupsOf(built);
    const parts: (Trial | Settled)[] = [];
    for (const group of groups) {
      const archived = await archivedDebs(namesOf(group), bench);
      const of = groups.length === 1 ? "" : ` of ${namesOf(group).join(" ")}`;
      parts.push(freshTrial(group, of), upgradeTrial(group, archived, bench.place.kiln.store, of));
    }
    return parts;
  },
};

/** The packages in groups that go together. */
export function groupsOf(built: readonly BuiltPackage[]): readonly (readonly BuiltPackage[])[] {
  const groups = installableGroups(built.map(({ control }) => control));
  return groups.map((group) => built.filter(({ control }) => group.includes(control)));
}

/** `of` names the packages in the title, where there are others. */
export function freshTrial(group: readonly BuiltPackage[], of: string): Trial {
  const artifacts = group.map(({ artifact }) => artifact);
  return {
    title: `install and purge${of}`,
    environment: environmentOf([needsOfBuilt(group)]),
    content: [artifactsTar(artifacts)],
    argv: ["sh", "-c", freshScript, "sh", ...artifacts.map(({ name }) => name)],
    user: "root",
    unavailable: { status: "fail", summary: "its dependencies cannot be installed" },
    judge: judgePiuparts,
  };
}

/** From the archive's versions, those that there are. They lie beside the built ones, for their own leavings are looked at too. */
export function upgradeTrial(
  group: readonly BuiltPackage[],
  archived: readonly ArchivedPackage[],
  store: Pick<Store, "openChecked">,
  of: string,
): Trial | Settled {
  const title = `upgrade${of}`;
  const settled = (summary: string) => ({ title, verdict: { status: "none", summary } }) as const;
  if (archived.length === 0) return settled("the archive has no earlier version");
  const newer = archived.find(({ control }) => isNewer(control, group));
  if (newer !== undefined) {
    const { name, version } = newer.control;
    return settled(`the archive has a later version, ${name} ${version}`);
  }
  const artifacts = group.map(({ artifact }) => artifact);
  const old = archived.map(({ locked: { name, architecture, sizeBytes, sha256 } }) => ({
    name: `${oldPrefix}${name}_${architecture}.deb`,
    sizeBytes,
    content: () => store.openChecked(sha256),
  }));
  return {
    title,
    environment: environmentOf([needsOfBuilt(group), needsOf(archived.map(({ control }) => control))]),
    content: [artifactsTar(artifacts), fileTar(old)],
    argv: ["sh", "-c", upgradeScript, "sh", ...artifacts.map(({ name }) => name)],
    user: "root",
    unavailable: {
      status: "none",
      summary: "what it needs and what the archive's version needs cannot be installed together",
    },
    judge: judgeUpgrade,
  };
}

function environmentOf(needs: readonly string[]) {
  const depends = [...new Set(needs)].filter((each) => each !== "").join(", ");
  return { request: { depends, conflicts: "" }, architecture: "target" } as const;
}

function needsOfBuilt(group: readonly BuiltPackage[]): string {
  return needsOf(group.map(({ control }) => control));
}

function isNewer({ name, version }: BuiltPackage["control"], group: readonly BuiltPackage[]): boolean {
  const built = group.find(({ control }) => control.name === name);
  return built !== undefined && compareVersions(version, built.control.version) > 0;
}

function namesOf(group: readonly BuiltPackage[]): readonly string[] {
  return group.map(({ control }) => control.name);
}
