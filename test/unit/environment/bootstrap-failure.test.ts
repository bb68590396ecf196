import { expect, test } from "vitest";
import { archiveFailure, bootstrapFailure } from "../../../src/environment/bootstrap-failure.ts";
import { buildRecipe } from "../../../src/environment/base-recipe.ts";
import type { BootstrapPlan } from "../../../src/environment/bootstrap-plan.ts";
import { Target } from "../../../src/environment/target.ts";

const plan: BootstrapPlan = {
  recipe: buildRecipe,
  target: Target.parse({ suite: "sid", architecture: "arm64" }),
  suite: "sid",
  repositories: null,
  key: null,
  epoch: null,
};

test.each([
  [
    "release-expired",
    "E: Release file for http://mirror.example/dists/sid/InRelease is expired (invalid since 14d).",
  ],
  [
    "release-expired",
    "E: Release file for http://mirror.example/x is not valid yet (invalid for another 2h).",
  ],
  ["release-signature", "W: GPG error: http://mirror.example sid InRelease: NO_PUBKEY 6ED0E7B82643E131"],
  [
    "release-signature",
    "Err:1 http://mirror.example sid InRelease\n  Sub-process /usr/bin/sqv returned an error code (1)\nW: OpenPGP signature verification failed: x",
  ],
  ["release-signature", "E: The repository 'http://mirror.example sid InRelease' is not signed."],
  ["not-found", "E: The repository 'http://mirror.example nosuch Release' does not have a Release file."],
  ["not-found", "E: Failed to fetch http://mirror.example/a.deb  404  Not Found [IP: 192.0.2.1 80]"],
  ["disk-full", "dpkg: error: write failed (No space left on device)"],
  [
    "mirror-unreachable",
    "E: Failed to fetch http://mirror.example/x  Could not connect to mirror.example:80 (192.0.2.1). - connect (111: Connection refused)",
  ],
  [
    "mirror-unreachable",
    "E: Failed to fetch http://mirror.example/x  Temporary failure resolving 'mirror.example'",
  ],
  [
    "archive-corrupt",
    "E: Failed to fetch http://mirror.example/x  File has unexpected size (720 != 1108). Mirror sync in progress?",
  ],
  ["archive-corrupt", "E: Failed to fetch http://mirror.example/x  Hash Sum mismatch"],
  ["foreign-architecture", "chroot: failed to run command '/bin/true': Exec format error"],
])("%s is told by apt's own words", (code, output) => {
  const failure = bootstrapFailure(
    `I: running apt-get update...\n${output}\nE: mmdebstrap failed to run\n`,
    plan,
  );

  expect(failure).toMatchObject({ fault: "infrastructure", code });
  expect(failure.message).toContain("sid for arm64");
  expect(failure.hint).toMatch(/\.$/);
});

test("the cause comes before its consequences", () => {
  const output =
    "E: Release file for x is expired\nE: The repository 'x' is not signed.\nE: x  404  Not Found\n";

  expect(archiveFailure(output, "here")?.code).toBe("release-expired");
});

test("what is not known is told in mmdebstrap's last telling words", () => {
  const failure = bootstrapFailure(
    "E: something new\nE: apt-get exited with 100\nE: mmdebstrap failed to run\n",
    plan,
  );

  expect(failure.code).toBe("bootstrap-failed");
  expect(failure.message).toMatch(/: something new$/);
  expect(archiveFailure("E: something new", "here")).toBe(null);
});
