import { Failure } from "./failure.ts";

const unitMilliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Milliseconds of a duration as people write it: "90s", "150m", "1h30m", "1.5h", "2d"; a bare "0" is none.
 * @throws Failure duration-malformed (usage).
 */
export function parseDuration(text: string): number {
  const compact = text.replaceAll(" ", "").toLowerCase();
  if (compact === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/.test(compact)) throw malformed(text);
  let total = 0;
  for (const [, number, unit] of compact.matchAll(/([\d.]+)([a-z]+)/g)) {
    total += Number(number) * (unitMilliseconds[unit ?? ""] ?? NaN);
  }
  if (!Number.isSafeInteger(Math.round(total))) throw malformed(text);
  return Math.round(total);
}

/** A duration for people: "0.3 s", "42 s", "2 min 05 s", "1 h 02 min", "3 d 04 h". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function malformed(text: string): Failure {
  return new Failure("usage", "duration-malformed", `"${text}" is not a duration`, {
    hint: 'Write a number with ms, s, m, h, d or w, such as "15m" or "1h30m".',
  });
}
