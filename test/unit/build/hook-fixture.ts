import type { Hook } from "../../../src/build/hook/hook.ts";

/** A hook that runs as root in the build's container; what a test is about is laid over it. */
export const hook: Hook = {
  name: "mine",
  point: "setup",
  command: "true",
  place: "container",
  user: "root",
  timeoutMs: 1,
};
