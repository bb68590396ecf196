import { arch } from "node:os";
import { z } from "zod";
import { nearest } from "../base/nearest.ts";
import { Failure } from "../base/failure.ts";
import { debianArchitectureOf } from "../debian/architecture.ts";
import { suite, suiteOfChangelog } from "../debian/suite.ts";
import { type Archive, archiveOf, hostRepositories } from "../environment/archive.ts";
import { Target, type TargetInput, resolveTarget } from "../environment/target.ts";
import type { Settings } from "./settings.ts";

/** What the flags say of the target. */
export interface TargetFlags {
  readonly target?: string | undefined;
  readonly dist?: string | undefined;
  readonly arch?: string | undefined;
  readonly repository?: readonly string[] | undefined;
}

/** The target of a command: from its flags, else the source's changelog, else the settings, else Debian's stable suite. */
export function targetOf(flags: TargetFlags, settings: Settings, distribution: string | null): Target {
  const changelog = distribution === null ? null : (suiteOfChangelog(distribution)?.name ?? null);
  const suiteName = flags.dist ?? (flags.target === undefined ? (changelog ?? undefined) : undefined);
  const target = resolveTarget(
    { name: flags.target ?? settings.target, suite: suiteName, architecture: flags.arch },
    definitions(settings),
    { suite: distribution === null ? suite("stable").codename : "sid", architecture: hostArchitecture() },
  );
  return Target.parse({
    ...target,
    ...(settings.mirror === undefined ? {} : { mirror: settings.mirror }),
    ...(settings.snapshot === undefined ? {} : { snapshot: settings.snapshot }),
    ...(settings.keyring === undefined ? {} : { keyring: settings.keyring }),
    ...(settings.check_valid_until ? {} : { check_valid_until: false }),
    repositories: [...target.repositories, ...(flags.repository ?? [])],
  });
}

/** Where that target's packages come from, by its own words and this host's apt sources. */
export async function archiveFor(target: Target): Promise<Archive> {
  return archiveOf(target, await hostRepositories());
}

/** The targets that the settings define, checked. @throws Failure bad-target (usage). */
export function definitions(settings: Settings): Record<string, Partial<TargetInput>> {
  return Object.fromEntries(
    Object.entries(settings.targets).map(([name, value]) => {
      const parsed = TargetDefinition.safeParse(value);
      if (!parsed.success) throw badTarget(name, parsed.error);
      return [name, parsed.data];
    }),
  );
}

const TargetDefinition = z
  .custom<Partial<TargetInput>>()
  .pipe(
    z.strictObject(
      Object.fromEntries(Object.entries(Target.shape).map(([key, schema]) => [key, z.optional(schema)])),
    ),
  );

function badTarget(name: string, error: z.ZodError): Failure {
  const issue = error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const near = unknown === undefined ? null : nearest(unknown, Object.keys(Target.shape));
  return new Failure("usage", "bad-target", `The target ${name} is not right: ${z.prettifyError(error)}`, {
    hint: near === null ? `A target has: ${Object.keys(Target.shape).join(", ")}.` : `Did you mean ${near}?`,
  });
}

/** Debian's name of this machine's architecture. */
export function hostArchitecture(): string {
  const oci = { x64: "amd64", ia32: "386", ppc64: "ppc64le" }[arch() as string] ?? arch();
  return debianArchitectureOf(oci) ?? oci;
}
