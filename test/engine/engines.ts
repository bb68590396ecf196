import { accessSync, constants, readFileSync } from "node:fs";
import { describe } from "vitest";
import { connectEngine } from "../../src/engine/connect.ts";
import type { Engine } from "../../src/engine/engine.ts";

/** An engine that the suite runs against. */
export interface TestedEngine {
  readonly name: string;
  readonly endpoint: string;
}

/**
 * The engines: DEBKILN_TEST_ENGINES (`name=endpoint,...`), else podman rootful, podman of DEBKILN_TEST_USER (a user
 * other than root) and docker at their usual sockets.
 */
export const engines: readonly TestedEngine[] = fromEnvironment() ?? [
  { name: "podman rootful", endpoint: "unix:///run/podman/podman.sock" },
  { name: "podman rootless", endpoint: `unix:///run/user/${uidOfTestUser()}/podman/podman.sock` },
  { name: "docker", endpoint: "unix:///var/run/docker.sock" },
];

/**
 * Runs a group of tests once per engine. An engine that is not there is skipped with its reason in the title; under CI
 * its tests run, and fail to connect.
 */
export function describeEngines(title: string, tests: (engine: TestedEngine) => void): void {
  for (const engine of engines) {
    const reason = whyAbsent(engine);
    const skipped = reason !== null && process.env["CI"] === undefined;
    describe.skipIf(skipped)(`${title} (${engine.name}${skipped ? `: ${reason}` : ""})`, () => {
      tests(engine);
    });
  }
}

export function connect({ endpoint }: TestedEngine): Promise<Engine> {
  return connectEngine({ endpoint, environment: process.env });
}

function fromEnvironment(): readonly TestedEngine[] | null {
  const given = process.env["DEBKILN_TEST_ENGINES"] ?? "";
  if (given === "") return null;
  return given.split(",").map((each) => {
    const [name = "", ...endpoint] = each.split("=");
    return { name, endpoint: endpoint.join("=") };
  });
}

function uidOfTestUser(): string {
  const name = process.env["DEBKILN_TEST_USER"] ?? "debkiln-test";
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${name}:`));
  return line?.split(":")[2] ?? `of-${name}`;
}

function whyAbsent({ endpoint }: TestedEngine): string | null {
  if (!endpoint.startsWith("unix://")) return null;
  try {
    accessSync(endpoint.slice("unix://".length), constants.R_OK | constants.W_OK);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
