import { Failure } from "../../base/failure.ts";

/** The failure of an initramfs that cannot be read. */
export function brokenInitramfs(reason: string, cause?: unknown): Failure {
  return new Failure("package", "bad-initramfs", `The initramfs cannot be read: ${reason}`, {
    hint: "Make it anew with dracut.",
    cause,
  });
}
