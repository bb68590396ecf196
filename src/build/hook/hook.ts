import { z } from "zod";
import { type HookPoint, hookPointNames, hookPoints } from "./point.ts";

/** A command of the user's that runs at a point of each build. */
export interface Hook {
  readonly name: string;
  readonly point: HookPoint;
  /** Run by `sh -c`. */
  readonly command: string;
  readonly place: "container" | "host";
  /** Who runs it in the container. */
  readonly user: "root" | "builder";
  readonly timeoutMs: number;
}

/** How a hook ended that did not fail the build. */
export const HookOutcome = z
  .strictObject({
    name: z.string(),
    point: z.enum(hookPointNames),
    place: z.enum(["container", "host"]),
    status: z.enum(["done", "failed"]),
    seconds: z.number().nonnegative(),
  })
  .readonly();
export type HookOutcome = z.infer<typeof HookOutcome>;

/** Whether any of them is root in the build's container. */
export function runsAsRoot(hooks: readonly Hook[] | undefined): boolean {
  return (hooks ?? []).some(({ place, user }) => place === "container" && user === "root");
}

/** Of some hooks, what can change a build's results: by this they are part of keys. */
export function changesOf(hooks: readonly Hook[] | undefined): readonly object[] {
  return (hooks ?? [])
    .filter(({ point }) => hookPoints[point].changes)
    .map(({ point, command, place, user }) => ({ point, command, place, user }));
}
