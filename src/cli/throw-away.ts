import type { Kiln } from "../environment/kiln.ts";
import { checkPackage } from "../environment/named/apt-words.ts";
import {
  type CachedImage,
  cachedBase,
  cachedEnvironment,
  packagesRequest,
} from "../environment/named/throw-away.ts";
import type { Target } from "../environment/target.ts";
import type { Session } from "./session.ts";

/** The image of a throw-away environment: a target's base, or that with some packages. */
export async function throwAwayImage(
  kiln: Kiln,
  { task }: Session,
  target: Target,
  packages: readonly string[] = [],
): Promise<CachedImage> {
  if (packages.length === 0) return await cachedBase(kiln, target, task);
  const request = packagesRequest(packages.map(checkPackage));
  const subject = `packages ${request.depends}`;
  return await cachedEnvironment(kiln, { target, request, subject }, task);
}
