import { expect, test } from "vitest";
import { HookContext, contextOf, variablesOf } from "../../../../src/build/hook/context.ts";
import type { Hook } from "../../../../src/build/hook/hook.ts";
import { planBuild } from "../../../../src/build/plan.ts";
import { source, stanza } from "../chain/chain-source.ts";

const { request } = source(stanza("xx", [], "Package: xx\nArchitecture: any"), { profiles: ["nocheck"] });
const hook: Hook = {
  name: "mine",
  point: "failed",
  command: "true",
  place: "host",
  user: "builder",
  timeoutMs: 1,
};
const progress = {
  container: "debkiln-build-1",
  directory: "/results/xx",
  artifacts: [],
  failure: { fault: "package", code: "build-failed", message: "x", hint: null, phase: "build" },
} as const;

test("a hook on the host is told where everything is", () => {
  const plan = planBuild(request);
  const context = HookContext.parse(contextOf(hook, request, plan, progress));

  expect(context).toMatchObject({
    kind: "debkiln-hook",
    version: 1,
    point: "failed",
    profiles: ["nocheck"],
    container: "debkiln-build-1",
    directory: "/results/xx",
    log: `/results/xx/${plan.name}.build`,
    failure: { code: "build-failed" },
  });
  expect(variablesOf(context)).toMatchObject({
    DEBKILN_HOOK_POINT: "failed",
    DEBKILN_HOOK_DIRECTORY: "/results/xx",
    DEBKILN_HOOK_FAILURE: "build-failed",
    DEBKILN_HOOK_TREE: plan.tree,
  });
});

test("a hook in the container is told nothing of the host", () => {
  const inside = { ...hook, point: "build-failed", place: "container" } as const;
  const context = HookContext.parse(contextOf(inside, request, planBuild(request), progress));

  expect(context).toMatchObject({ container: null, directory: null, log: null, artifacts: [] });
  expect(JSON.stringify([context, variablesOf(context)])).not.toContain("/results");
});
