import { z } from "zod";
import { type Digest, DigestText, keyOf } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { formatSize } from "../../base/size.ts";
import type { Container } from "../../engine/engine.ts";
import type { Archive } from "../../environment/archive.ts";
import { openEnvironment } from "../../environment/open-environment.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { EnvironmentPlan, EnvironmentRequest } from "../../environment/plan.ts";
import { Tail } from "../../environment/tail.ts";
import { toolPackages } from "../../environment/tool-recipe.ts";
import { type TarEntry, packTar } from "../../oci/tar.ts";
import type { ImagePlan } from "../plan.ts";
import { type StoredFile, takeFile } from "../root/take-file.ts";
import { type TreeFile, openContent } from "../tree/tree.ts";

/** What a unified kernel image is made of. */
export interface UnifiedParts {
  /** As in `uname -r`. */
  readonly version: string;
  readonly kernel: TreeFile;
  readonly initramfs: TreeFile;
  readonly osRelease: TreeFile;
  readonly stub: TreeFile;
  /** UEFI's name of the machine: `x64`, `aa64`. */
  readonly efiArchitecture: string;
  readonly commandLine: string;
}

/** The environment of ukify, and who has what it needs. */
export interface Tools {
  readonly kiln: Kiln;
  readonly request: EnvironmentRequest;
  readonly plan: EnvironmentPlan;
}

const Known = z.strictObject({ digest: DigestText, sizeBytes: z.int().positive() });

/**
 * The unified kernel image of these parts: one that was made of them before, else a new one by ukify(1), which runs without
 * network in an environment of its own, so that the image need not have it. The same parts and tools give the same bytes.
 * @throws Failure unified-kernel-failed (package), and what `openEnvironment` raises.
 */
export async function unifiedKernelFor(parts: UnifiedParts, tools: Tools, task: Task): Promise<StoredFile> {
  const { kiln } = tools;
  const key = keyOf({ parts: partsKey(parts), tools: tools.plan.key });
  const known = await kiln.store.recall("unified-kernel", key, Known);
  if (known !== null && (await kiln.store.hasBlob(known.digest, known.sizeBytes))) {
    await kiln.store.touchBlob(known.digest);
    return known;
  }
  await using environment = await openEnvironment(kiln, tools.request, { limits: {} }, task);
  const made = await task.step("unified-kernel", "Make the unified kernel image", async (step) => {
    const file = await runUkify(kiln, environment.container, parts, step);
    step.summary = formatSize(file.sizeBytes);
    return file;
  });
  await kiln.store.remember("unified-kernel", key, made);
  return made;
}

/** On the image's own base, and from where its packages are from. @throws Failure bad-tool-recipe (usage). */
export async function toolsRequest(
  { target, packages, name }: ImagePlan,
  archive: Archive,
): Promise<EnvironmentRequest> {
  const { recipe, preferences } = packages;
  return {
    target,
    archive,
    recipe,
    request: {
      depends: await toolPackages("ukify"),
      conflicts: "",
      system: { recommends: false, preferences },
    },
    subject: `unified kernel image of ${name}`,
  };
}

function partsKey({ version, commandLine, efiArchitecture, ...files }: UnifiedParts): unknown {
  const digests = Object.entries(files).map(([name, { digest }]): [string, Digest] => [name, digest]);
  return { version, commandLine, efiArchitecture, files: Object.fromEntries(digests) };
}

const directory = "/var/tmp";
const output = `${directory}/debkiln.efi`;

async function runUkify(
  kiln: Kiln,
  container: Container,
  parts: UnifiedParts,
  task: Task,
): Promise<StoredFile> {
  const { kernel, initramfs, osRelease, stub } = parts;
  const cmdline = Buffer.from(parts.commandLine);
  const files = [
    member("linux", kernel),
    member("initrd", initramfs),
    member("os-release", osRelease),
    member("stub", stub),
    member("cmdline", { sizeBytes: cmdline.length, content: { from: "bytes", bytes: cmdline } }),
  ];
  await container.put(directory, packTar(files), kiln.signal);
  const said = new Tail(task);
  const { exitCode } = await container.run(ukifyCommand(parts), {
    stdout: said,
    stderr: said,
    environment: { LC_ALL: "C.UTF-8" },
    signal: kiln.signal,
  });
  if (exitCode !== 0) throw failed(said.text, exitCode);
  return takeFile(kiln, container, output);
}

/** Everything that ukify would guess is said. */
export function ukifyCommand({ version, efiArchitecture }: UnifiedParts): string[] {
  return [
    "ukify",
    "build",
    `--linux=${at("linux")}`,
    `--initrd=${at("initrd")}`,
    `--cmdline=@${at("cmdline")}`,
    `--os-release=@${at("os-release")}`,
    `--stub=${at("stub")}`,
    `--uname=${version}`,
    `--efi-arch=${efiArchitecture}`,
    `--output=${output}`,
  ];
}

const prefix = "debkiln-";

function at(name: string): string {
  return `${directory}/${prefix}${name}`;
}

function member(name: string, file: Pick<TreeFile, "content" | "sizeBytes">): TarEntry {
  const owner = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  return {
    path: `${prefix}${name}`,
    type: "file",
    ...owner,
    size: file.sizeBytes,
    content: () => openContent(file),
  };
}

function failed(text: string, exitCode: number): Failure {
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  return new Failure(
    "package",
    "unified-kernel-failed",
    `No unified kernel image can be made: ukify ended with exit code ${exitCode}: ${last}`,
    { hint: "Its output is above.", details: { output: text, exitCode } },
  );
}
