import { execa } from "execa";

/** The command with sudo in front where this process is not root. */
export function asRoot(argv: readonly string[]): [string, ...string[]] {
  const [file = "true", ...rest] = argv;
  return process.getuid?.() === 0 ? [file, ...rest] : ["sudo", "-n", file, ...rest];
}

/** Whether root's rights are to be had without a question; on a terminal sudo may ask for the password once. */
export async function hasRoot(): Promise<boolean> {
  if (process.getuid?.() === 0) return true;
  const flags = process.stdin.isTTY ? [] : ["-n"];
  const { failed } = await execa("sudo", [...flags, "true"], {
    reject: false,
    stdin: "inherit",
    stderr: "ignore",
  });
  return !failed;
}

export async function runAsRoot(argv: readonly string[]): Promise<void> {
  const [file, ...rest] = asRoot(argv);
  await execa(file, rest);
}
