import { Failure } from "./failure.ts";

const prefixes = ["", "k", "m", "g", "t", "p"];

/**
 * Bytes of a size as podman and systemd take it: "512M", "4G", "1.5GiB"; units are powers of 1024, a bare number is bytes.
 * @throws Failure size-malformed (usage).
 */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  const bytes = Math.round(Number(match?.[1]) * 1024 ** prefixes.indexOf((match?.[2] ?? "").toLowerCase()));
  if (match === null || !Number.isSafeInteger(bytes)) {
    throw new Failure("usage", "size-malformed", `"${text}" is not a size`, {
      hint: 'Write a number of bytes, or one with K, M, G or T (powers of 1024), such as "512M" or "4G".',
    });
  }
  return bytes;
}

/** Bytes for people, in powers of 1000 as apt prints them: "0 B", "512 B", "1.2 MB", "34 MB". */
export function formatSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (unit < units.length - 1 && value >= (unit === 0 ? 1000 : 999.5)) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
