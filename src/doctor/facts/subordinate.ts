/** A line of /etc/subuid or /etc/subgid (subuid(5)). */
export interface SubordinateRange {
  /** A user's name or number. */
  readonly owner: string;
  readonly start: number;
  readonly count: number;
}

export function parseSubordinate(text: string): readonly SubordinateRange[] {
  return [...text.matchAll(/^([^:\s#][^:]*):(\d+):(\d+)$/gm)].map(([, owner = "", start, count]) => ({
    owner,
    start: Number(start),
    count: Number(count),
  }));
}
