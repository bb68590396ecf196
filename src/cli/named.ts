import { resolve } from "node:path";
import { planBuild } from "../build/plan.ts";
import { Failure } from "../base/failure.ts";
import type { Kiln } from "../environment/kiln.ts";
import { installWords, readAptWords } from "../environment/named/apt-words.ts";
import { changeNamed } from "../environment/named/change.ts";
import type { PackageChange } from "../environment/named/resolve-change.ts";
import { requireNamed } from "../environment/named/find.ts";
import { firstRecord, initFromImage, initNamed, readyBase } from "../environment/named/init.ts";
import { checkName, parseEnvironmentName } from "../environment/named/name.ts";
import { askNamed } from "../environment/named/query.ts";
import { describeNamed } from "../environment/named/show.ts";
import { cachedEnvironment } from "../environment/named/throw-away.ts";
import { type Target, targetName } from "../environment/target.ts";
import { type RequestFlags, binariesOf, buildRequest } from "./build-request.ts";
import { identifyNamedSource } from "./identify-sources.ts";
import { withKiln } from "./kiln.ts";
import { changedText, namedRecordOf, namedText } from "./render/named.ts";
import type { RegistryFlags } from "./registry-access.ts";
import type { Session } from "./session.ts";
import { type TargetFlags, targetOf } from "./target.ts";

/** Makes a named environment, or without a name the base that environments of the target stand on. */
export async function initEnvironment(
  session: Session,
  { name, packages }: { readonly name: string | undefined; readonly packages: readonly string[] },
  flags: TargetFlags & RegistryFlags & { readonly replace: boolean; readonly from: string | undefined },
): Promise<void> {
  if (flags.from !== undefined) return await initFrom(session, { name, packages, from: flags.from }, flags);
  const target = lasting(targetOf(flags, session.settings, null));
  await withKiln(session, async (kiln) => {
    if (name === undefined) {
      const { base, outcome } = await readyBase(kiln, target, session.task);
      const text = `The base of ${targetName(target)} is ready (${base.packages.length} packages)\n`;
      return session.result(text, { target: targetName(target), base: base.digest, outcome });
    }
    const change = packages.length === 0 ? null : installWords(packages);
    const said = ["env init", ...packages].join(" ");
    const lock = await initNamed(
      kiln,
      { name: checkName(name), target, change, said, replace: flags.replace },
      session.task,
    );
    const text = `${name} is ready: ${targetName(target)}, ${lock.packages.length} packages. Work in it: debkiln shell --env ${name}\n`;
    session.result(text, { name, target: targetName(target), packages: lock.packages.length });
  });
}

/** Makes a named environment of one from elsewhere. */
async function initFrom(
  session: Session,
  wanted: { readonly name: string | undefined; readonly packages: readonly string[]; readonly from: string },
  flags: TargetFlags & RegistryFlags & { readonly replace: boolean },
): Promise<void> {
  if (wanted.name === undefined || wanted.packages.length > 0)
    throw new Failure(
      "usage",
      "bad-command-line",
      "--from takes a name for the environment, and nothing else",
      {
        hint: "Install further packages afterwards: debkiln install --env NAME PACKAGE...",
      },
    );
  const name = checkName(wanted.name);
  await withKiln(session, async (kiln) => {
    // Loaded only now: registries and archives are for few.
    const { importEnvironment } = await import("./portable.ts");
    const { image, lock, origin } = await importEnvironment(kiln, session, wanted.from, flags);
    const { suite, architecture } = lock;
    const target = lasting(targetOf({ ...flags, dist: suite, arch: architecture }, session.settings, null));
    const record = firstRecord(target, `env init --from ${origin}`);
    await initFromImage(kiln, { name, replace: flags.replace }, { name, image, lock, record }, session.task);
    session.result(
      `${name} is ready: ${targetName(target)}, ${lock.packages.length} packages, from ${origin}\n`,
      {
        name,
        target: targetName(target),
        packages: lock.packages.length,
        origin,
      },
    );
  });
}

/** Shows what a named environment or snapshot is. */
export async function showEnvironment(session: Session, word: string, all: boolean): Promise<void> {
  const at = parseEnvironmentName(word);
  await withKiln(session, async (kiln) => {
    const described = await describeNamed(kiln, await requireNamed(kiln, at));
    session.result(namedText(described, { all }), namedRecordOf(described));
  });
}

/** Brings named environments up to date, or without names the base of a target. */
export async function updateEnvironments(
  session: Session,
  words: readonly string[],
  flags: TargetFlags,
): Promise<void> {
  const names = words.map(checkName);
  await withKiln(session, async (kiln) => {
    const now = { ...kiln, freshness: { ...kiln.freshness, maxAgeMs: 0 } };
    if (names.length === 0) {
      const target = targetOf(flags, session.settings, null);
      const { base, outcome, reason } = await readyBase(now, target, session.task);
      const text = `The base of ${targetName(target)} is current (${outcome === "made" ? "made anew" : reason})\n`;
      return session.result(text, { target: targetName(target), base: base.digest, outcome });
    }
    for (const name of names) {
      const words = ["dist-upgrade"];
      await change(now, session, name, { kind: "change", words, purge: false }, "env update");
    }
  });
}

/** Changes the packages of a named environment by apt's words. */
export async function changeEnvironment(
  session: Session,
  name: string,
  words: { readonly words: readonly string[]; readonly purge: boolean },
): Promise<void> {
  const at = checkName(name);
  const said = words.words.join(" ");
  await withKiln(session, (kiln) => change(kiln, session, at, { kind: "change", ...words }, said));
}

/** Does what apt is told: a change is kept, a question answered on standard output. Gives the exit code. */
export async function runApt(session: Session, name: string, words: readonly string[]): Promise<number> {
  const read = readAptWords(words);
  return await withKiln(session, async (kiln) => {
    if (read.kind === "change") {
      await change(kiln, session, checkName(name), read, `apt ${words.join(" ")}`);
      return 0;
    }
    const at = parseEnvironmentName(name);
    const isUpdate = read.kind === "update";
    const now = isUpdate ? { ...kiln, freshness: { ...kiln.freshness, maxAgeMs: 0 } } : kiln;
    const argv = isUpdate ? ["true"] : read.argv;
    const { exitCode, output } = await askNamed(now, await requireNamed(now, at), argv, session.task);
    session.result(isUpdate ? "The archive's indices are current\n" : output, { exitCode, output });
    return exitCode;
  });
}

/** Installs what a source needs to be built, in a named environment or one in the cache, and stops there. */
export async function installDependencies(
  session: Session,
  word: string,
  flags: RequestFlags & { readonly env?: string | undefined },
): Promise<void> {
  const named = await identifyNamedSource(word, flags, session.settings);
  const name = flags.env === undefined ? null : checkName(flags.env);
  await withKiln(session, async (kiln) => {
    const place = name === null ? flags : await placeOfNamed(kiln, name, flags);
    const request = await buildRequest(kiln, session, named, place, binariesOf(flags));
    const { dependencies, source } = planBuild(request);
    if (name !== null)
      return await change(
        kiln,
        session,
        name,
        { kind: "request", request: dependencies },
        `deps ${source.name}`,
      );
    const wanted = { target: request.target, request: dependencies, subject: source.name };
    const { plan } = await cachedEnvironment(kiln, wanted, session.task);
    const text = `The build dependencies of ${source.name} are in ${plan?.reference ?? "the base"}\n`;
    session.result(text, { source: source.name, key: plan?.key ?? null, reference: plan?.reference ?? null });
  });
}

async function change(
  kiln: Kiln,
  session: Session,
  name: string,
  what: PackageChange,
  said: string,
): Promise<void> {
  const changed = await changeNamed(kiln, name, what, said, session.task);
  session.result(changedText(name, changed), { name, changes: changed.changes });
}

/** What is built in a named environment is built for its suite and architecture. */
async function placeOfNamed(kiln: Kiln, name: string, flags: RequestFlags): Promise<RequestFlags> {
  const { record } = await requireNamed(kiln, { name, snapshot: null });
  const { suite, architecture } = record.target;
  return { ...flags, dist: suite, arch: architecture };
}

/** A target whose files are found from anywhere. */
function lasting(target: Target): Target {
  const { keyring, repositories, preferences } = target;
  return {
    ...target,
    repositories: repositories.map(absolute),
    ...(preferences === undefined ? {} : { preferences: preferences.map(absolute) }),
    ...(keyring === undefined ? {} : { keyring: resolve(keyring) }),
  };
}

/** A text stays what it is. */
function absolute(file: string): string {
  return file.includes("\n") ? file : resolve(file);
}
