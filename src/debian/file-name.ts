import { Failure } from "../base/failure.ts";

/**
 * The name itself when it is a plain base name such as a Debian archive holds (the archive's own rule, dak's
 * re_file_safe). Raises `unsafe-file-name`; `origin` says which file named it.
 */
export function checkFileName(name: string, origin: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9+.~:_-]*$/.test(name) && !name.includes("..") && name.length <= 255) return name;
  throw new Failure(
    "package",
    "unsafe-file-name",
    `${origin} names a file ${JSON.stringify(name.slice(0, 300))}`,
    {
      hint: "File names begin with a letter or digit and hold letters, digits and +.~:_- only; do not trust this file.",
      details: { origin, name },
    },
  );
}
