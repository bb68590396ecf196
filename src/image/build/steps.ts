import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Container, RunResult } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { Tail } from "../../environment/tail.ts";
import { type TarEntry, packTar } from "../../oci/tar.ts";
import { contextEntries } from "./context.ts";
import type { Workbench } from "./workbench.ts";
import { ownEntries } from "./put-entries.ts";
import type { ImagePlan, LocalFile, PlannedCommand, PlannedStep } from "../plan.ts";

/** What runs inside beyond the installation of packages. */
export type Steps = Pick<ImagePlan, "commands" | "entries" | "steps">;

/**
 * Runs the definition's commands and steps in a container of the image, as root and without network.
 * @throws Failure image-step-failed (package): which step, and the last of what it said.
 */
export async function runSteps(
  kiln: Kiln,
  bench: Workbench,
  { commands, entries, steps }: Steps,
  task: Task,
): Promise<void> {
  if (commands.length + steps.length === 0) return;
  const epoch = await newestPackage(kiln, bench.container);
  for (const command of commands)
    await run(
      kiln,
      bench.container,
      { name: command.title, argv: command.argv, input: command.input, epoch },
      task,
    );
  await ownEntries(kiln, bench.container, entries);
  for (const step of steps) await runStep(kiln, bench, step, epoch, task);
}

/** When the newest of the packages was built: what dpkg keeps of each has that time. */
async function newestPackage(kiln: Kiln, container: Container): Promise<number> {
  const found = new Tail(null);
  const argv = ["find", "/var/lib/dpkg/info", "-name", "*.md5sums", "-printf", "%Ts\\n"];
  await container.run(argv, { stdout: found, signal: kiln.signal });
  return Math.max(0, ...found.text.split("\n").map(Number));
}

async function runStep(
  kiln: Kiln,
  bench: Workbench,
  step: PlannedStep,
  epoch: number,
  task: Task,
): Promise<void> {
  const { name } = step;
  switch (step.kind) {
    case "run":
      return run(
        kiln,
        bench.container,
        { name, argv: ["sh", "-eu", "-c", step.text], input: null, epoch },
        task,
      );
    case "script":
      await putScript(bench.container, step.script);
      return run(kiln, bench.container, { name, argv: [scriptPath], input: null, epoch }, task);
    case "containerfile":
    default:
      return buildContainerfile(kiln, bench, step, epoch, task);
  }
}

interface Running extends Pick<PlannedCommand, "argv" | "input"> {
  readonly name: string;
  readonly epoch: number;
}

async function run(kiln: Kiln, container: Container, running: Running, task: Task): Promise<void> {
  const { name, argv, input, epoch } = running;
  await task.step("step", name, async (step) => {
    const said = new Tail(step);
    const result = await container.run(argv, {
      stdout: said,
      stderr: said,
      environment: {
        LC_ALL: "C.UTF-8",
        DEBIAN_FRONTEND: "noninteractive",
        SOURCE_DATE_EPOCH: String(epoch),
      },
      ...(input === null ? {} : { input: Readable.from([Buffer.from(input)]) }),
      signal: kiln.signal,
    });
    if (result.exitCode !== 0) throw stepFailed(name, result, said.text);
  });
}

/** Instructions without FROM are continued from what is there so far. */
async function buildContainerfile(
  kiln: Kiln,
  bench: Workbench,
  step: PlannedStep & { readonly kind: "containerfile" },
  epoch: number,
  task: Task,
): Promise<void> {
  const instructions = await readFile(step.containerfile.path, "utf8");
  if (/^\s*FROM\s/im.test(instructions))
    throw new Failure("usage", "containerfile-with-from", `${step.containerfile.path} has a FROM`, {
      hint: "The instructions of a step continue from the image itself: leave FROM out.",
    });
  await task.step("step", step.name, (building) =>
    bench.continueIn(async (from, reference) => {
      const name = ".debkiln.Containerfile";
      const said = new Tail(building);
      const context = packTar(contextWith(step.context, name, `FROM ${from}\n${instructions}`));
      const made = kiln.engine.build(context, {
        containerfile: name,
        reference,
        labels: {},
        arguments: { SOURCE_DATE_EPOCH: String(epoch) },
        network: "none",
        log: (text) => said.write(text),
        signal: kiln.signal,
      });
      await made.catch((thrown: unknown) => {
        throw instructionFailure(step.name, thrown, said.text);
      });
    }),
  );
}

/** That of the command of an instruction, which is the definition's, or what else went wrong in the engine. */
export function instructionFailure(name: string, thrown: unknown, output: string): unknown {
  if (!(thrown instanceof Failure) || thrown.code !== "image-build-failed") return thrown;
  // podman and docker.
  const [, code] =
    /exit status (\d+)|returned a non-zero code: (\d+)/.exec(thrown.message)?.filter(Boolean) ?? [];
  if (code === undefined) return thrown;
  return stepFailed(name, { exitCode: Number(code), oomKilled: false }, output);
}

async function* contextWith(directory: string, path: string, text: string): AsyncGenerator<TarEntry> {
  const bytes = Buffer.from(text);
  const owner = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  yield { path, type: "file", ...owner, size: bytes.length, content: () => bytes };
  yield* contextEntries(directory);
}

const scriptPath = "/tmp/debkiln-step";

async function putScript(container: Container, { path, sizeBytes }: LocalFile): Promise<void> {
  const entry = { path: scriptPath.slice("/tmp/".length), mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  await container.put(
    "/tmp",
    packTar([{ ...entry, type: "file", size: sizeBytes, content: () => createReadStream(path) }]),
  );
}

function stepFailed(name: string, { exitCode, oomKilled }: RunResult, output: string): Failure {
  const why = oomKilled ? "ran out of memory" : `ended with exit code ${exitCode}`;
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  return new Failure(
    "package",
    "image-step-failed",
    `The step "${name}" ${why}${last === "" ? "" : `: ${last}`}`,
    {
      hint: "Its output is above. Steps run as root without network: what they need must be among the packages or files.",
      details: { exitCode, output },
    },
  );
}
