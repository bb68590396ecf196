import { builder } from "../environment/builder.ts";
import { architecturesOf, crossVariables, isCross } from "./cross.ts";
import type { BuildRequest } from "./request.ts";

/** A build's environment, as on Debian's builders: some of it ends in the .buildinfo, all of it can end in packages. */
export function buildVariables(request: BuildRequest): Readonly<Record<string, string>> {
  const { profiles, buildOptions, jobs } = request;
  const architectures = architecturesOf(request);
  const words = [...buildOptions, ...(jobs === null ? [] : [`parallel=${jobs}`])];
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/games:/usr/games",
    HOME: builder.home,
    LOGNAME: builder.name,
    USER: builder.name,
    SHELL: "/bin/sh",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    ...(words.length === 0 ? {} : { DEB_BUILD_OPTIONS: words.join(" ") }),
    ...(profiles.length === 0 ? {} : { DEB_BUILD_PROFILES: profiles.join(" ") }),
    ...(isCross(architectures) ? crossVariables(architectures.host) : {}),
    // Else it is that of the container from which the environment's image was made.
    ...(request.provisions?.hostname === undefined ? {} : { HOSTNAME: request.provisions.hostname }),
    ...request.variation?.variables,
  };
}
