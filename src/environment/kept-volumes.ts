import { type Digest, hexOf, isDigest, keyOf } from "../base/digest.ts";
import { lastUse } from "./images.ts";
import type { Kiln } from "./kiln.ts";
import { labels } from "./names.ts";

/** A cache of compilers' output that outlives builds: a volume in the engine. */
export interface KeptVolume {
  readonly kind: "ccache";
  readonly key: Digest;
  /** The engine's name of it. */
  readonly volume: string;
  /** What people call it: the program, the project, and in which trust. */
  readonly name: string;
  /** The target's name. */
  readonly target: string;
  readonly created: Date;
  readonly lastUsed: Date;
}

/** What a volume is for. All of it is part of its key: nothing of it is shared with anything that differs in any of it. */
export interface VolumeUse {
  /** Whose form the files in it have. */
  readonly program: string;
  readonly project: string;
  readonly target: string;
  /** The architecture that is compiled for. */
  readonly host: string;
  readonly trust: string;
}

/** The volume of a use, made if need be. Gives the engine's name of it. */
export async function openVolume(kiln: Kiln, use: VolumeUse): Promise<string> {
  const key = keyOf({ kind: "ccache", ...use });
  await kiln.store.remember("used", key, { time: Date.now() });
  const volume = volumeName(key);
  await kiln.engine.ensureVolume(volume, {
    [labels.kind]: "ccache",
    [labels.key]: key,
    [labels.target]: use.target,
    [labels.cacheName]: `${use.program} of ${use.project} for ${use.host} (${use.trust})`,
    [labels.created]: new Date().toISOString(),
  });
  return volume;
}

/** All volumes of ours in the engine, last used first. */
export async function keptVolumes(kiln: Kiln): Promise<readonly KeptVolume[]> {
  const volumes = await kiln.engine.volumes({ [labels.kind]: "ccache" });
  const kept = volumes.map(async ({ name, labels: given, created }): Promise<KeptVolume[]> => {
    const key = given[labels.key] ?? "";
    if (!isDigest(key) || name !== volumeName(key)) return [];
    return [
      {
        kind: "ccache",
        key,
        volume: name,
        name: given[labels.cacheName] ?? "",
        target: given[labels.target] ?? "",
        created,
        lastUsed: (await lastUse(kiln, key)) ?? created,
      },
    ];
  });
  return (await Promise.all(kept)).flat().toSorted((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

function volumeName(key: Digest): string {
  return `debkiln-ccache-${hexOf(key).slice(0, 32)}`;
}
