import { describe, expect, test } from "vitest";
import { findingsText } from "../../../src/cli/render/findings.ts";
import { chooseStyle } from "../../../src/cli/render/style.ts";
import type { Finding } from "../../../src/doctor/finding.ts";

const options = { style: chooseStyle("never", {}, {}), verbose: false };

const fine: Finding = { check: "clock", status: "ok", message: "The clock is right" };
const wrong: Finding = {
  check: "ulimits",
  status: "error",
  message: "podman's ulimits are above the host's",
  why: "No container starts.",
  fix: { commands: ["sudo sh -c 'echo a > /etc/b'", "sudo true"], needsRoot: true },
};
const doubtful: Finding = {
  check: "docker-permission",
  status: "warning",
  message: "No permission",
  fix: { commands: ["sudo usermod -aG docker me"], needsRoot: true, consent: "docker is root" },
};

describe("the doctor's findings", () => {
  test("tell what is wrong, why, what mends it, and the verdict", () => {
    expect(findingsText([fine, wrong, doubtful], options).split("\n")).toEqual([
      "error: podman's ulimits are above the host's [ulimits]",
      "  No container starts.",
      "  mend it with:",
      "    sudo sh -c 'echo a > /etc/b'",
      "    sudo true",
      "warning: No permission [docker-permission]",
      "  mend it with:",
      "    sudo usermod -aG docker me",
      "  not done by --fix: docker is root",
      "",
      'Builds will fail on this machine: 1 error, 1 warning, 1 check passed. Run "debkiln doctor --fix" to mend what can be mended.',
      "",
    ]);
  });

  test("are one line when all is well", () => {
    expect(findingsText([fine], options)).toBe("This machine is ready for builds: 1 check passed.\n");
  });

  test("do not promise that --fix mends what it leaves alone", () => {
    expect(findingsText([doubtful], options)).toContain(
      "This machine can build: 1 warning, 0 checks passed.\n",
    );
  });

  test("list what is well when verbose", () => {
    expect(findingsText([fine], { ...options, verbose: true })).toContain("ok: The clock is right [clock]\n");
  });
});
