/** The system's name of an error (errno(3)), such as "ENOENT"; null for anything else that was thrown. */
export function errorCode(thrown: unknown): string | null {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : null;
}

/** Whether a system call failed because there is no such file. */
export function isMissing(thrown: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(errorCode(thrown) ?? "");
}

/** For `catch`: null when there is no such file; everything else is thrown on. */
export function nullIfMissing(thrown: unknown): null {
  if (isMissing(thrown)) return null;
  throw thrown;
}
