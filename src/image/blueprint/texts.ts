import { posix } from "node:path";
import { z } from "zod";

/** Text on one line, without control characters: it goes into files whose lines mean something. */
export const line = z
  .string()
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, { error: "expected text on one line, without control characters" });

/** Several of those, each of a word's form: no white space. */
export const word = z.string().regex(/^[^\s\p{Cc}]+$/u, { error: "expected one word" });

/** A kernel argument: one word, unless its white space is in double quotes (kernel-parameters, "Special handling"). */
export const kernelArgument = line.regex(/^(?:[^\s"]|"[^"]*")+$/, {
  error: "expected one kernel argument: white space stands in double quotes",
});

/** An absolute path of the image, written the one way: no `.`, `..`, doubled or closing slash. */
export const imagePath = line
  .regex(/^\//, { error: "expected an absolute path" })
  .refine((path) => path !== "/" && posix.normalize(path) === path && !path.endsWith("/"), {
    error: "expected a path without `.`, `..`, doubled or closing slashes",
  });

/** A file or directory beside the definition, or an absolute path. */
export const localPath = line.min(1);

/** An account's name as useradd and systemd-sysusers take it (systemd.io, USER_NAMES). */
export const accountName = z.string().regex(/^[a-z_][a-z0-9_-]{0,30}$/, {
  error: "expected a name of at most 31 lower-case letters, digits, dashes and underscores",
});

/** A numeric id that a file or account may have: below the overflow ids and `(uid_t) -1`. */
export const accountId = z
  .int()
  .min(0)
  .max(0xfffffffe)
  .refine((id) => id !== 65534 && id !== 65535, { error: "expected an id other than 65534 and 65535" });

/** Permissions in octal, as osbuild takes them, and with set-id and sticky bits. */
export const mode = z
  .string()
  .regex(/^[0-7]{3,4}$/, { error: 'expected permissions in octal, such as "0644"' });
