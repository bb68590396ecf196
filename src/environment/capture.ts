import type { Container } from "../engine/engine.ts";
import type { Kiln } from "./kiln.ts";
import { Tail } from "./tail.ts";

/** How a command of a resolver ended, and what it printed. */
export interface Captured {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a command in a resolver. */
export async function capture(kiln: Kiln, container: Container, argv: readonly string[]): Promise<Captured> {
  const output = new Tail(null);
  const { exitCode } = await container.run(argv, {
    stdout: output,
    stderr: output,
    environment: { LC_ALL: "C.UTF-8", DEBIAN_FRONTEND: "noninteractive" },
    signal: kiln.signal,
  });
  return { exitCode, output: output.text };
}
