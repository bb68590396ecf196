import type { ImageConfig } from "../../oci/image-spec.ts";
import type { TreeView } from "../tree/view.ts";
import type { Repair } from "./repair.ts";

/** Where the root filesystem is: the running system's own root, or any other. Some of bootc's lints make sense for one only. */
export type RootType = "Running" | "Alternative";

export type Backend = "ostree" | "composefs";

/** What is examined: a root filesystem with all that is known of the image that it belongs to. */
export interface Subject {
  readonly view: TreeView;
  /** The image's configuration; null for a bare root filesystem. */
  readonly config: ImageConfig | null;
  /** For which backend the image was made; null when nobody says. */
  readonly backend: Backend | null;
  /** Whether extended attributes could be read. */
  readonly hasXattrs: boolean;
  /** What is there on purpose. */
  readonly intended: Intended;
  /** Names of the machine that made or lints the image: such a name in the image got there by accident. */
  readonly machineNames: readonly string[];
}

/** What would look like an accident, were it not wanted. */
export interface Intended {
  /** The image's own host name. */
  readonly hostname: string | null;
  /** Paths of set-uid and set-gid programs beyond those that Debian is known to have. */
  readonly setId: readonly string[];
}

export interface Lint {
  readonly name: string;
  /** `fatal`: the image does not install or boot, or must not be published. `warning`: somebody will regret it. */
  readonly type: "fatal" | "warning";
  /** Whose rule it is. */
  readonly origin: "bootc" | "debkiln";
  /** Set for what applies to one type of root only. */
  readonly rootType?: RootType;
  /** Looks at each file, and stops at the first that is wrong; such lints come last. */
  readonly isRecursive?: true;
  /** What must be known for it; without, it is skipped. */
  readonly needs?: "config" | "xattrs";
  /** What it looks for, in a sentence. */
  readonly description: string;
  /** How to mend what it finds, in a sentence or two. */
  readonly hint: string;
  /**
   * What is wrong, or null.
   * @throws Failure (package) when it cannot tell, which for bootc's lints ends the whole run, as it does there.
   */
  readonly check: (subject: Subject) => Complaint | null | Promise<Complaint | null>;
}

/** What a lint found wrong: a sentence, or headers with the things that each is about. */
export interface Complaint {
  readonly message: string | readonly Section[];
  /** In place of the lint's hint, where more can be said. */
  readonly hint?: string;
  /** What would mend it, in order; none when a person has to decide. */
  readonly repairs?: readonly Repair[];
}

export interface Section {
  readonly header: string;
  readonly items: readonly string[];
}

/** The sections that have something in them, or null when none has. */
export function complaintOf(
  sections: readonly Section[],
  more: Omit<Complaint, "message"> = {},
): Complaint | null {
  const filled = sections.filter(({ items }) => items.length > 0);
  return filled.length === 0 ? null : { message: filled, ...more };
}
