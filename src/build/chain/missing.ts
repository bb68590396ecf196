import type { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import type { Member } from "./graph.ts";

/**
 * What to do about a build dependency that neither the archive nor the chain has: a package of the chain that has nearly that name, or
 * how it can be had. Null for failures of other kinds.
 */
export function missingHint({ code, message }: Failure, members: readonly Member[]): string | null {
  if (code !== "unsatisfiable") return null;
  const offered = new Map(members.flatMap(({ id, offers }) => offers.map(({ name }) => [name, id] as const)));
  const names = [...message.matchAll(/(?<![\w+.-])([a-z0-9][a-z0-9+.-]+)(?: \([^)]*\))? but it is not /g)];
  for (const [, name = ""] of names) {
    const near = nearest(name, offered.keys());
    if (near !== null && near !== name) return `Did you mean ${near}, which ${offered.get(near)} builds?`;
  }
  return "Neither the archive nor a source of the chain has it: name the source that builds it, too, or add the package to the chain's repository with `debkiln repo add`.";
}
