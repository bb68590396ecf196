import { Failure } from "../base/failure.ts";
import { matchesArchitecture } from "../debian/architecture.ts";
import { profilesApply } from "../debian/relation.ts";
import type { BinaryEntry } from "../debian/source-package.ts";
import { rebuildable } from "./binary-rebuild.ts";
import { architecturesOf } from "./cross.ts";
import { lacksOrig, origMissing } from "./missing-orig.ts";
import type { BuildRequest, Wanted } from "./request.ts";

/**
 * What is wanted and can be built here. A tree whose original tarball is missing gives binaries only.
 * @throws Failure architecture-not-buildable, nothing-to-build, orig-tarball-missing (package), what `rebuildable` raises.
 */
export function buildable(asked: BuildRequest): Wanted {
  const rebuild = asked.variation?.rebuild;
  const request = rebuild === undefined ? asked : { ...asked, wanted: rebuildable(rebuild, asked.wanted) };
  const { source, profiles, wanted } = request;
  const { host } = architecturesOf(request);
  const built = source.package.packages.filter((each) => profilesApply(each.profiles, profiles));
  const isHere = (pattern: string) => pattern !== "all" && matchesArchitecture(host, pattern);
  const any = built.length === 0 || built.some(({ architectures }) => architectures.some(isHere));
  const all = built.length === 0 || built.some(({ architectures }) => architectures.includes("all"));
  const whole = wanted.any && wanted.all && any;
  const found: Wanted = {
    any: wanted.any && any,
    all: wanted.all && (all || whole),
    source: wanted.source && !lacksOrig(request),
  };
  if (found.any || found.all || found.source) return found;
  if (wanted.source && !wanted.any && !wanted.all) throw origMissing(request);
  throw wanted.any && !any && !all ? notForHere(request, built) : nothingToBuild(request);
}

function notForHere(request: BuildRequest, built: readonly BinaryEntry[]): Failure {
  const { host } = architecturesOf(request);
  const { name } = request.source.package;
  const architectures = [...new Set(built.flatMap((each) => each.architectures))].join(" ");
  return new Failure(
    "package",
    "architecture-not-buildable",
    `${name} is not for ${host}, but for ${architectures}`,
    { hint: "Choose another architecture with --arch, or with --host for a cross build." },
  );
}

function nothingToBuild({ source }: BuildRequest): Failure {
  const { name } = source.package;
  return new Failure("package", "nothing-to-build", `${name} has nothing of what was asked for`, {
    hint: "Leave out --no-arch-any and --no-arch-all to build all that there is for this architecture.",
  });
}
