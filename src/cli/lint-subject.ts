import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { architecture } from "../debian/architecture.ts";
import type { Backend, RootType, Subject } from "../image/lint/lint.ts";
import { type MendOutcome, mendOpened, parseMendedPlace } from "../image/lint/mend-opened.ts";
import { type Opened, openSubject } from "../image/lint/open-subject.ts";
import { type LintOptions, lintFailure, lintRoot, requireLints } from "../image/lint/run.ts";
import { TreeView } from "../image/tree/view.ts";
import { Store } from "../store/store.ts";
import { cacheDirectory } from "./kiln.ts";
import { registryAccess, type RegistryFlags } from "./registry-access.ts";
import { lintListText, lintReportText, shownLints, shownReport } from "./render/lint-report.ts";
import type { Session } from "./session.ts";

export interface LintFlags extends RegistryFlags {
  readonly "fatal-warnings": boolean;
  readonly skip: readonly string[] | undefined;
  readonly "no-truncate": boolean;
  readonly fix: boolean;
  readonly output: string | undefined;
  readonly only: "bootc" | "debkiln" | undefined;
  readonly root: "running" | "alternative" | undefined;
  readonly backend: Backend | undefined;
  readonly "allow-set-id": readonly string[] | undefined;
  readonly arch: string | undefined;
}

/** Prints what lints there are. */
export function listLints(session: Session): void {
  session.result(lintListText(), shownLints());
}

/** Examines one image or root filesystem, mends it where that was asked for, and prints what is (still) wrong. */
export async function lintSubject(
  session: Session,
  text: string | undefined,
  flags: LintFlags,
): Promise<void> {
  const place = requireSubject(text, flags);
  requireLints(flags.skip ?? []);
  const output = flags.output === undefined ? null : parseMendedPlace(flags.output);
  const store = new Store(cacheDirectory(session));
  const scratch = await store.temporaryDirectory();
  try {
    const options = optionsOf(place, flags);
    let opened = await open(session, place, scratch, flags);
    let mended: MendOutcome["steps"] = [];
    if (flags.fix) {
      const request = { place, opened, subject: subjectOf(opened, flags), options, output, store };
      ({ opened, steps: mended } = await session.task.step("mend", `Mend ${place}`, (step) =>
        mendOpened(request, step, session.signal),
      ));
    }
    const report = await session.task.step("lint", `Lint ${place}`, () =>
      lintRoot(subjectOf(opened, flags), options),
    );
    if (!opened.hasXattrs)
      session.task.warn("Extended attributes are not examined: there is no getfattr", "apt install attr");
    const looks = { style: session.style, truncate: !flags["no-truncate"], canFix: opened.kind !== "tar" };
    session.result(lintReportText(report, mended, looks), shownReport(place, report, mended));
    const failure = lintFailure(report, flags["fatal-warnings"] ? "fatal-warnings" : "allow-warnings");
    if (failure !== null) throw failure;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function requireSubject(text: string | undefined, flags: LintFlags): string {
  if (text === undefined)
    throw new Failure("usage", "bad-command-line", "Nothing to lint was named", {
      hint: "Name a directory, an OCI layout or an image; --list lists the lints.",
    });
  if (flags.fix && resolve(text) === "/")
    throw new Failure("usage", "bad-command-line", "--fix is not for the running system", {
      hint: "Mend its image, or the definition that it is built from.",
    });
  if (flags.output !== undefined && !flags.fix)
    throw new Failure("usage", "bad-command-line", "--output goes with --fix", { hint: "Add --fix." });
  return text;
}

async function open(session: Session, place: string, scratch: string, flags: LintFlags): Promise<Opened> {
  const { task, signal, connect } = session;
  const platform = flags.arch === undefined ? null : architecture(flags.arch).oci;
  const registry = () => registryAccess(session, flags);
  return await openSubject(place, { scratch, platform, connect, registry, task, signal });
}

function subjectOf({ tree, config, hasXattrs }: Opened, flags: LintFlags): Subject {
  const setId = (flags["allow-set-id"] ?? []).map((path) => path.replace(/^\/+/, ""));
  return {
    view: new TreeView(tree),
    config,
    hasXattrs,
    backend: flags.backend ?? null,
    intended: { hostname: null, setId },
    machineNames: [hostname()],
  };
}

function optionsOf(place: string, flags: LintFlags): LintOptions {
  const rootTypes: Readonly<Record<string, RootType>> = { running: "Running", alternative: "Alternative" };
  const rootType = resolve(place) === "/" ? "Running" : rootTypes[flags.root ?? ""];
  return {
    skip: flags.skip ?? [],
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(rootType === undefined ? {} : { rootType }),
  };
}
