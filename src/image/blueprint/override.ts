import type { Definition } from "./read.ts";

/** What a command line says in place of the definition. */
export interface Overrides {
  readonly suite?: string | undefined;
  readonly backend?: "composefs" | "ostree" | undefined;
}

/**
 * A definition with some of its choices replaced. With another backend, the boot loader is the backend's usual one, since the
 * definition's was chosen for the other.
 */
export function override(definition: Definition, { suite, backend }: Overrides): Definition {
  const { distro, debian, bootc, ...rest } = definition.blueprint;
  const { bootloader: _, ...withoutLoader } = bootc;
  const isOther = backend !== undefined && backend !== bootc.backend;
  const flags = new Map<string, string>([
    ...(suite === undefined ? [] : [["debian.suite", `--dist ${suite}`] as const]),
    ...(isOther ? [["bootc.backend", `--backend ${backend}`] as const] : []),
  ]);
  return {
    ...definition,
    place: (path) => flags.get(path.join(".")) ?? definition.place(path),
    blueprint: {
      ...rest,
      ...(suite !== undefined || distro === undefined ? {} : { distro }),
      debian: suite === undefined ? debian : { ...debian, suite },
      bootc: isOther ? { ...withoutLoader, backend } : bootc,
    },
  };
}
