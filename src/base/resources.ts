import { z } from "zod";

const measures = ["cpuSeconds", "peakMemoryBytes", "readBytes", "writtenBytes", "diskBytes"] as const;
export type Measure = (typeof measures)[number];

const Count = z.int().nonnegative();

/**
 * What the commands of a phase took of their machine. What the engine or the kernel does not tell is left out, and `unknown`
 * says why: nothing here is zero for want of a number.
 */
export const Resources = z
  .strictObject({
    /** Seconds of processor time, user and system together. */
    cpuSeconds: z.number().nonnegative().optional(),
    /** The most that the container held at once, the page cache of its files included, as limits of memory count it. */
    peakMemoryBytes: Count.optional(),
    /** Read from storage: what the page cache had is not counted. */
    readBytes: Count.optional(),
    /** Written to files on storage, whenever the kernel came to it; what was removed before is not counted. */
    writtenBytes: Count.optional(),
    /** What the build tree took on disk at the end of the phase. */
    diskBytes: Count.optional(),
    /** Why a measure is left out, by its name. */
    unknown: z.partialRecord(z.enum(measures), z.string()),
  })
  .readonly();
export type Resources = z.infer<typeof Resources>;

/** What two commands, one after the other in the same container, took together. */
export function addResources(first: Resources | null, second: Resources | null): Resources | null {
  if (first === null || second === null) return first ?? second;
  const sum = (name: "cpuSeconds" | "readBytes" | "writtenBytes") => {
    const [a, b] = [first[name], second[name]];
    return a === undefined || b === undefined ? {} : { [name]: a + b };
  };
  // A peak that is known is above all before it: one that is not known lies below.
  const peaks = [first, second].flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? []);
  const disk = second.diskBytes ?? first.diskBytes;
  const known = {
    ...sum("cpuSeconds"),
    ...(peaks.length === 0 ? {} : { peakMemoryBytes: Math.max(...peaks) }),
    ...sum("readBytes"),
    ...sum("writtenBytes"),
    ...(disk === undefined ? {} : { diskBytes: disk }),
  };
  const unknown = Object.entries({ ...first.unknown, ...second.unknown });
  return { ...known, unknown: Object.fromEntries(unknown.filter(([name]) => !(name in known))) };
}
