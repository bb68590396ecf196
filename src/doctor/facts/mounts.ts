/** A line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly point: string;
  readonly type: string;
  readonly shared: boolean;
}

export function parseMountinfo(text: string): readonly Mount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ", 2);
      const fields = before.split(" ");
      return {
        point: unescapeOctal(fields[4] ?? ""),
        type: after.split(" ")[0] ?? "",
        shared: fields.slice(6).some((field) => field.startsWith("shared:")),
      };
    });
}

/** The mount that a path lies on; the last one wins where several cover each other. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const prefix = mount.point === "/" ? "/" : `${mount.point}/`;
    if (path !== mount.point && !path.startsWith(prefix)) continue;
    if (best === null || mount.point.length >= best.point.length) best = mount;
  }
  return best;
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
}
