import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** What a booted system says of itself before it powers off. */
export interface Report {
  /** File system and options of `/`. */
  readonly root: string;
  readonly usr: string;
  readonly etc: string;
  readonly packages: number;
  readonly failedUnits: readonly string[];
}

const deployScript = fileURLToPath(new URL("deploy.sh", import.meta.url));

/** A boot without KVM takes two to three minutes, more when others work beside it. */
const bootMs = 480_000;

/**
 * Deploys an OCI layout's image to a disk and boots it in QEMU without KVM. podman must be that of root.
 * @throws Error with the console's last lines when it does not come up.
 */
export async function bootImage(layout: string): Promise<Report> {
  const output = await mkdtemp(join(tmpdir(), "debkiln-boot-"));
  // Not by `podman pull oci:`, which makes a name of the path and wants it in lower case.
  const image = `localhost/debkiln-boot-${randomBytes(4).toString("hex")}`;
  await execa("skopeo", ["copy", "--quiet", `oci:${layout}`, `containers-storage:${image}`]);
  try {
    await execa("podman", [
      "run",
      "--rm",
      "--network=none",
      "--tmpfs=/tmp",
      "--tmpfs=/run",
      `--volume=${output}:/output`,
      `--volume=${deployScript}:/deploy.sh:ro`,
      image,
      "sh",
      "/deploy.sh",
    ]);
    const console = await runMachine(output);
    return parseReport(await readFile(join(output, "report"), "utf8"), console);
  } finally {
    await execa("podman", ["rmi", "--force", image]);
    await rm(output, { recursive: true, force: true });
  }
}

async function runMachine(output: string): Promise<string> {
  const options = (await readFile(join(output, "options"), "utf8")).trim();
  const { all } = await execa(
    "qemu-system-x86_64",
    [
      "-accel",
      "tcg",
      "-cpu",
      "Nehalem",
      "-m",
      "2048",
      // With more, the kernel crashes now and then while it patches its own code: TCG's processors do not all see that at once.
      "-smp",
      "1",
      "-display",
      "none",
      "-monitor",
      "none",
      "-serial",
      "stdio",
      "-serial",
      `file:${join(output, "report")}`,
      "-no-reboot",
      "-kernel",
      join(output, "vmlinuz"),
      "-initrd",
      join(output, "initramfs.img"),
      "-append",
      options,
      "-drive",
      `file=${join(output, "disk.img")},format=raw,if=virtio`,
      "-nic",
      "none",
    ],
    { stdin: "ignore", all: true, timeout: bootMs, reject: false, forceKillAfterDelay: 1000 },
  );
  return all.replaceAll("\r", "");
}

function parseReport(report: string, console: string): Report {
  const text = report.replaceAll("\r", "");
  if (!text.endsWith("end\n"))
    throw new Error(`It did not come up:\n${console.split("\n").slice(-60).join("\n")}`);
  const after = (word: string) =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1).trim());
  return {
    root: after("root")[0] ?? "",
    usr: after("usr")[0] ?? "",
    etc: after("etc")[0] ?? "",
    packages: Number(after("packages")[0]),
    failedUnits: after("failed").map((line) => line.split(" ")[0] ?? ""),
  };
}
