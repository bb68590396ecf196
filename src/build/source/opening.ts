import type { Task } from "../../base/event.ts";
import type { SourcePolicy } from "./policy.ts";
import type { Place } from "./tools.ts";

/** How a source is brought here, and what is told of it. */
export interface SourceOpening {
  /** Where named packages and tools are looked for, once they are: by the distribution in a changelog, if that is known. */
  readonly place: (distribution: string | null) => Promise<Place>;
  readonly policy: SourcePolicy;
  /** Whether the source package itself will be made, which takes original tarballs. */
  readonly originals: "wanted" | "unwanted";
  readonly task: Task;
}
