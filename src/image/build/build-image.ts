import { type Digest, keyOf } from "../../base/digest.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import type { Archive } from "../../environment/archive.ts";
import { dracutMask } from "../../environment/bootstrap-plan.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { Lock } from "../../environment/lock.ts";
import { type LockFile, lockFileVersion } from "../../environment/lock-file.ts";
import type { Decision } from "../../environment/plan.ts";
import type { BlobSource } from "../../oci/blob-source.ts";
import type { ReadImage } from "../../oci/read-image.ts";
import { renumberAccounts } from "../accounts/renumber.ts";
import { finishTree } from "../finish/finish.ts";
import { kernelVersion, placeInitramfs } from "../finish/kernel.ts";
import type { Note } from "../finish/options.ts";
import { initramfsFor } from "../initramfs/initramfs.ts";
import { withLaid } from "../initramfs/laid.ts";
import {
  type ImageRequest,
  type PreviousImage,
  writeImage,
  writeLayersAhead,
} from "../layers/write-image.ts";
import { type LintReport, lintFailure, lintRoot } from "../lint/run.ts";
import { tellFindings } from "../lint/tell.ts";
import type { ImagePlan } from "../plan.ts";
import type { StoredFile } from "../root/take-file.ts";
import type { Tree } from "../tree/tree.ts";
import { TreeView } from "../tree/view.ts";
import { sealTree } from "../unified/seal.ts";
import { configurationOf } from "./configuration.ts";
import { finishOptions } from "./finish-options.ts";
import { recallImage, rememberImage } from "./image-memo.ts";
import { kernelEpoch, packagesEpoch } from "./epochs.ts";
import { type System, hasSteps, openSystem } from "./open-system.ts";

/** One image to be built, for one architecture. */
export interface BuildRequest {
  readonly plan: ImagePlan;
  readonly archive: Archive;
  /** What hosts have now: its layers are kept as far as they can be. */
  readonly previous: PreviousImage | null;
  readonly repack: "when-it-pays" | "always";
}

export interface BuiltImage {
  readonly plan: ImagePlan;
  readonly lock: Lock;
  readonly lockDigest: Digest;
  /** Of what made its unified kernel image; null when it has none. */
  readonly tools: Lock | null;
  /** What `[debian] lock` of a definition takes. */
  readonly lockFile: LockFile;
  readonly image: ReadImage;
  /** Has all parts of it. */
  readonly source: BlobSource;
  /** `unchanged`: nothing that goes into it differs from an earlier build, whose image it is. */
  readonly outcome: "made" | "unchanged";
  /** Of the environment's layers. */
  readonly decisions: readonly Decision[];
  /** What finishing did; empty when it is unchanged. */
  readonly notes: readonly Note[];
  /** Null when it is unchanged. */
  readonly tree: Tree | null;
  /** Null when it is unchanged: it was linted when it was made. */
  readonly lint: LintReport | null;
}

/**
 * Builds a bootc image from its plan: packages resolved and installed as those of build environments are, the root
 * filesystem finished as data, an initramfs, layers. The same plan and lock give the same manifest digest.
 * @throws Failure what `openSystem`, `finishTree`, `initramfsFor`, `sealTree` and `writeImage` raise; lint-failed (package).
 */
export async function buildImage(kiln: Kiln, request: BuildRequest, task: Task): Promise<BuiltImage> {
  const { plan, archive } = request;
  await using system = await openSystem(kiln, plan, archive, task);
  const { lock, lockDigest, decisions } = system.environment;
  const known = {
    plan,
    lock,
    lockDigest,
    decisions,
    tools: system.tools?.plan.lock ?? null,
    lockFile: lockFileOf(system),
  };
  const key = imageKey(system, request);
  const before = await recallImage(kiln.store, key);
  if (before !== null)
    return { ...known, ...before, outcome: "unchanged", notes: [], tree: null, lint: null };
  const finished = await finish(kiln, system, request, task);
  const { epoch } = finished;
  const definitionPaths = pathsOf(plan);
  const { tools } = system;
  const tree =
    tools === null
      ? finished.tree
      : await sealTree(kiln, finished.tree, { plan, tools, definitionPaths, epoch }, task);
  throwIfAborted(kiln.signal);
  const layers = layersOf(request, tree, epoch);
  const lint = await task.step("lint", "Lint the image", async (step) => {
    const report = await lintImage(tree, layers.config, plan);
    tellFindings(report, step);
    const failure = lintFailure(report, "allow-warnings");
    if (failure !== null) throw failure;
    step.summary = `${report.results.filter(({ outcome }) => outcome === "passed").length} lints passed`;
    return report;
  });
  const written = await task.step("layers", "Divide it into layers and write them", (step) =>
    writeImage(layers, kiln, step),
  );
  const { source, ...image } = written;
  await rememberImage(kiln.store, key, image.descriptor);
  return { ...known, image, source, outcome: "made", notes: finished.notes, tree, lint };
}

/** How a tree becomes layers. */
function layersOf({ plan, repack, previous }: BuildRequest, tree: Tree, epoch: number): ImageRequest {
  return {
    tree,
    config: configurationOf(plan, epoch),
    annotations: plan.annotations,
    definitionPaths: pathsOf(plan),
    budget: plan.layers.budget,
    compression: plan.layers.compression,
    repack,
    previous,
  };
}

function pathsOf({ entries }: ImagePlan): ReadonlySet<string> {
  return new Set(entries.map(({ path }) => path.slice(1)));
}

function lockFileOf({ environment: { lock, base }, tools }: System): LockFile {
  return {
    kind: "debkiln-lock",
    schemaVersion: lockFileVersion,
    lock,
    base: base.packages,
    ...(tools === null ? {} : { tools: tools.plan.lock }),
    source: null,
    build: null,
  };
}

/** Everything that the image depends on, but for the layers of the image before, which only decide how it is divided. */
function imageKey(system: System, { plan, repack }: BuildRequest): Digest {
  const { name, version, description, entries, hostname, services, layout, layers, labels, annotations } =
    plan;
  return keyOf({
    system: system.key,
    ...(system.tools === null ? {} : { tools: system.tools.plan.key }),
    words: {
      name,
      version,
      description,
      hostname,
      services,
      var: plan.var,
      layout,
      layers,
      labels,
      annotations,
    },
    entries: entries.map((entry) => (entry.type === "file" ? { ...entry, content: null } : entry)),
    boot: plan.boot,
    repack,
    recipe,
  });
}

/** Raised when the same plan and packages are to give another image. */
const recipe = 7;

interface Finished {
  readonly tree: Tree;
  readonly epoch: number;
  readonly notes: readonly Note[];
}

async function finish(kiln: Kiln, system: System, request: BuildRequest, task: Task): Promise<Finished> {
  const { plan } = request;
  const root = withoutMask(await system.tree());
  const tree = await renumberAccounts(root, reservedIds(plan));
  const epoch = packagesEpoch(tree);
  const version = kernelVersion(tree);
  const order = { version, epoch: kernelEpoch(tree, version, epoch) };
  // What ran inside had the files already, and may have changed them.
  const entries = hasSteps(plan) ? [] : plan.entries;
  const seen = withLaid(tree, entries);
  const options = finishOptions(plan, { epoch, entries });
  const { tree: finished, notes } = await task.step("finish", "Finish the root filesystem", async (step) => {
    const done = await finishTree(tree, options);
    step.summary = `${done.tree.size} entries`;
    return done;
  });
  const initramfs = await initramfsBeside(
    // A unified kernel image changes further layers.
    async () => (plan.boot.uki ? undefined : writeLayersAhead(layersOf(request, finished, epoch), kiln)),
    (begun) => {
      const container = () => {
        begun();
        return system.container();
      };
      return initramfsFor(kiln, seen, order, container, task);
    },
  );
  const content = { from: "file" as const, file: kiln.store.blobPath(initramfs.digest), offset: 0 };
  return { tree: placeInitramfs(finished, { ...initramfs, content }, options), epoch, notes };
}

/** Makes an initramfs with one processor, and does some work with the others once it is known that it has to be made. */
async function initramfsBeside(
  work: () => Promise<void>,
  make: (begun: () => void) => Promise<StoredFile>,
): Promise<StoredFile> {
  let working: Promise<PromiseSettledResult<void>[]> = Promise.resolve([]);
  const begin = () => {
    working = Promise.allSettled([work()]);
  };
  const [made] = await Promise.allSettled([make(begin)]);
  const failed = [made, ...(await working)].find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  if (made.status === "rejected") throw made.reason;
  return made.value;
}

/** What kept dracut from running for each package is the base's, not the image's. */
function withoutMask(tree: Tree): Tree {
  const left = new Map(tree);
  left.delete(dracutMask.slice(1));
  return left;
}

function reservedIds({ accounts }: ImagePlan): number[] {
  return [...accounts.users.flatMap(({ uid, gid }) => [uid, gid]), ...accounts.groups.map(({ gid }) => gid)];
}

function lintImage(
  tree: Tree,
  config: ReturnType<typeof configurationOf>,
  plan: ImagePlan,
): Promise<LintReport> {
  return lintRoot({
    view: new TreeView(tree),
    config: { ...config, rootfs: { type: "layers", diff_ids: [] } },
    backend: plan.boot.backend,
    hasXattrs: true,
    intended: { hostname: plan.hostname, setId: [] },
    machineNames: [],
  });
}
