import { expect, test } from "vitest";
import { Failure } from "../../../../src/base/failure.ts";
import { instructionFailure } from "../../../../src/image/build/steps.ts";

const buildFailed = (message: string) =>
  new Failure("infrastructure", "image-build-failed", message, { hint: "" });

test.each([
  ["podman", 'building at STEP "RUN false": while running runtime: exit status 7'],
  ["docker", "The command '/bin/sh -c false' returned a non-zero code: 7"],
])("the command of an instruction that fails is the definition's, not the engine's: %s", (_, message) => {
  expect(instructionFailure("Containerfile", buildFailed(message), "it will not do\n")).toMatchObject({
    fault: "package",
    code: "image-step-failed",
    message: 'The step "Containerfile" ended with exit code 7: it will not do',
  });
});

test.each([buildFailed("no space left on device"), new Error("exit status 1")])(
  "what else goes wrong stays what it is: %s",
  (thrown) => {
    expect(instructionFailure("Containerfile", thrown, "")).toBe(thrown);
  },
);
