import type { Changes } from "./changes.ts";
import type { Facts, FinishOptions } from "./options.ts";

/**
 * A step from what apt installed to what an image holds. It knows what it is given and nothing else; files that it reads
 * are in memory already.
 */
export type Verb = (changes: Changes, options: FinishOptions, facts: Facts) => void;
