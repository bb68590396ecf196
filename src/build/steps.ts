import { buildDirectory } from "../environment/builder.ts";
import { entryStep } from "./binary-rebuild.ts";
import { architecturesOf, isCross } from "./cross.ts";
import { overlayStep } from "./overlay.ts";
import type { BuildRequest } from "./request.ts";
import type { BuildType } from "./sbuild-log.ts";
import type { Step } from "./step.ts";

/** What is decided of a build before its steps. */
interface StepPlace {
  /** Of the unpacked source: its name, and its absolute path inside. */
  readonly treeName: string;
  readonly tree: string;
  /** Of the packages. */
  readonly version: string;
  readonly buildType: BuildType;
}

/** The steps of a build: the source unpacked and made what it is to be, then built. */
export function stepsOf(request: BuildRequest, place: StepPlace): readonly Step[] {
  const { source, target, variation } = request;
  const { treeName, tree, version } = place;
  const { host } = architecturesOf(request);
  const rebuilt = { name: source.package.name, version, suite: target.suite, architecture: host };
  return [
    ...unpackStep(request, treeName),
    ...(source.debianOnly === true ? [overlayStep(request, buildDirectory, tree)] : []),
    ...(variation?.rebuild === undefined ? [] : [entryStep(variation.rebuild, rebuilt, tree)]),
    buildStep(request, place),
  ];
}

/** A tree comes unpacked, by its own name. */
function unpackStep({ source }: BuildRequest, treeName: string): Step[] {
  const step = { phase: "unpack", directory: buildDirectory } as const;
  if (source.dscName !== null) {
    // Checksums were compared, and signatures looked at, before the source came here.
    const argv = ["dpkg-source", "--no-check", "-x", source.dscName, treeName];
    return [{ ...step, title: "Unpack source", argv }];
  }
  if (source.treeName === treeName) return [];
  return [{ ...step, title: "Rename source", argv: ["mv", "-T", "--", source.treeName, treeName] }];
}

function buildStep(request: BuildRequest, { tree, buildType }: StepPlace): Step {
  const architectures = architecturesOf(request);
  const argv = [
    "dpkg-buildpackage",
    "--sanitize-env",
    "-us",
    "-uc",
    `--build=${buildType}`,
    ...(isCross(architectures) ? [`--host-arch=${architectures.host}`] : []),
    ...(request.variation?.buildpackage ?? []),
  ];
  return { phase: "build", title: "dpkg-buildpackage", argv, directory: tree };
}
