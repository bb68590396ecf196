import { mayRunNatively } from "../debian/architecture.ts";
import type { BuildRequest } from "./request.ts";

/** The architectures that a build has to do with, as dpkg-architecture(1) tells them apart. */
export interface BuildArchitectures {
  /** Of the machine that runs it all. */
  readonly machine: string;
  /** Of the environment, compilers and other tools included. */
  readonly build: string;
  /** Of the packages that come out. */
  readonly host: string;
}

/** Which architectures a request is about. */
export function architecturesOf({
  target,
  host,
  machine,
}: Pick<BuildRequest, "target" | "host" | "machine">): BuildArchitectures {
  const build = target.architecture;
  return { machine: machine ?? build, build, host: host ?? build };
}

/** Whether packages are made by compilers that run on another architecture. */
export function isCross({ build, host }: BuildArchitectures): boolean {
  return build !== host;
}

/** Whether the whole environment runs through qemu-user, which takes many times longer. */
export function isEmulated({ machine, build }: BuildArchitectures): boolean {
  return !mayRunNatively(machine, build);
}

/** How the packages come to be, for people. */
export function executionText(architectures: BuildArchitectures): string {
  const { machine, build, host } = architectures;
  const emulated = isEmulated(architectures) ? `, emulated by qemu-user on ${machine}` : "";
  return isCross(architectures)
    ? `cross build: tools of ${build} make packages of ${host}${emulated}`
    : emulated === ""
      ? `native build of ${host}`
      : `emulated build: tools of ${build} make packages of ${host}${emulated}`;
}

/** Profiles and options as they are asked for, and what goes with a cross build where they do not say otherwise. */
export interface BuildWords {
  readonly profiles: readonly string[];
  readonly buildOptions: readonly string[];
}

/**
 * A cross build has the profile `cross`. Programs that it makes may not run here: without a word about profiles nothing is
 * tested (as sbuild and pbuilder do).
 */
export function crossWords({ profiles, buildOptions }: BuildWords): BuildWords {
  const chosen = profiles.length === 0 ? ["cross", "nocheck"] : withWord(profiles, "cross");
  return {
    profiles: chosen,
    buildOptions: chosen.includes("nocheck") ? withWord(buildOptions, "nocheck") : buildOptions,
  };
}

/** As asked for, but no tests are run: dh(1) and the like go by the option, build dependencies by the profile. */
export function withoutTests({ profiles, buildOptions }: BuildWords): BuildWords {
  return { profiles: withWord(profiles, "nocheck"), buildOptions: withWord(buildOptions, "nocheck") };
}

function withWord(list: readonly string[], word: string): readonly string[] {
  return list.includes(word) ? list : [...list, word];
}

/**
 * What a cross build needs beyond the source's own word: the compilers for the host architecture, and its C and C++
 * libraries (sbuild does the same; Debian bug 815172).
 */
export function crossRelations(host: string): string {
  return `crossbuild-essential-${host}:native, libc-dev:${host}, libstdc++-dev:${host}`;
}

/** What builds with autoconf cannot find out by running programs (dpkg-cross(1)). */
export function crossVariables(host: string): Record<string, string> {
  return { CONFIG_SITE: `/etc/dpkg-cross/cross-config.${host}` };
}
