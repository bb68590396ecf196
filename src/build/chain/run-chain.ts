import { type Report, Task } from "../../base/event.ts";
import { asFailure, interrupted } from "../../base/failure.ts";
import { parseRelations } from "../../debian/relation.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { type BinaryEntry, readSuite } from "../../repository/content.ts";
import { exclusively } from "../../repository/exclusive.ts";
import { requireSigned } from "../../repository/require-signed.ts";
import { removeViews } from "../../repository/view.ts";
import { architecturesOf } from "../cross.ts";
import { type NodeEnd, type Pantry, buildNode } from "./build-node.ts";
import { type Edge, type Member, type Offer, type Order, neededBy, runEdges } from "./graph.ts";
import type { ChainSource } from "./member.ts";
import { Progress } from "./progress.ts";
import { workOff } from "./work-off.ts";

/** A chain of builds, as decided by whoever asks for it. */
export interface ChainRequest {
  readonly sources: readonly ChainSource[];
  readonly members: readonly Member[];
  readonly order: Order;
  readonly pantry: Pantry;
  /** How many are built at once. */
  readonly width: number;
  /**
   * What becomes of the others when one fails: none is begun any more; those that do not need it are built; or these are built and
   * then what failed is tried again with all that the others gave, as long as that helps any.
   */
  readonly onFailure: "stop" | "continue" | "recurse";
}

/** What became of one source. */
export interface NodeOutcome extends Omit<NodeEnd, "status"> {
  readonly source: { readonly name: string; readonly version: string };
  readonly status: NodeEnd["status"] | "skipped";
  /** The sources that it was built after. */
  readonly needs: readonly string[];
  readonly seconds: number;
}

/** Where events go, and by which debkiln the builds say they were made. */
export interface ChainDesk {
  readonly report: Report;
  readonly version: string;
  readonly task: Task;
}

/**
 * Builds the sources of a chain, each after those that it needs, several at once. What one gives is in the repository at once, and
 * each build sees the results of all that it was built after: those and no others, so that it does not matter which of the rest end
 * sooner. What was built before from the same is not built again. A chain that was stopped or killed goes on where it was.
 * @throws Failure what `requireSigned` raises; what befalls a source is in its outcome.
 */
export async function runChain(
  kiln: Kiln,
  request: ChainRequest,
  desk: ChainDesk,
): Promise<readonly NodeOutcome[]> {
  const { repository } = request.pantry;
  const waiting = () => desk.task.note("waiting for another chain in the same repository");
  return await exclusively(repository.directory, "chain", { signal: kiln.signal, waiting }, async () => {
    await requireSigned(repository, request.pantry.suite, request.pantry.keyring);
    const run = new ChainRun(kiln, request, desk);
    await removeViews(repository);
    try {
      await run.round();
      while (request.onFailure === "recurse" && run.mayHelp()) await run.round();
    } finally {
      await removeViews(repository);
    }
    return run.outcomes();
  });
}

class ChainRun {
  readonly #kiln: Kiln;
  readonly #request: ChainRequest;
  readonly #desk: ChainDesk;
  readonly #progress: Progress;
  readonly #ends = new Map<string, NodeEnd & { readonly seconds: number }>();
  readonly #sources: ReadonlyMap<string, ChainSource>;
  /** Ends the builds when the chain itself cannot go on. */
  readonly #broken = new AbortController();
  #round = 0;
  /** How many had ended well when the last round began. */
  #before = 0;

  constructor(kiln: Kiln, request: ChainRequest, desk: ChainDesk) {
    this.#kiln = { ...kiln, signal: AbortSignal.any([kiln.signal, this.#broken.signal]) };
    this.#request = request;
    this.#desk = desk;
    this.#progress = new Progress(request.order);
    this.#sources = new Map(request.sources.map((each) => [each.request.source.package.name, each]));
  }

  /** Works until nothing more can be begun. When it fails, the builds that ran have ended. */
  async round(): Promise<void> {
    await workOff({
      width: this.#request.width,
      next: () => this.#next(),
      prepare: (id) => this.#prepare(id),
      stop: () => {
        this.#progress.stop();
        this.#broken.abort(interrupted("a failure of the chain"));
      },
    });
  }

  /** Whether another round may help, which then tries again what failed: the last one has brought something. */
  mayHelp(): boolean {
    const now = this.#progress.done.length;
    const isAll = now === this.#request.order.ids.length;
    if (isAll || now === this.#before || this.#kiln.signal.aborted) return false;
    this.#before = now;
    this.#round += 1;
    this.#progress.again();
    return true;
  }

  outcomes(): readonly NodeOutcome[] {
    return this.#request.order.ids.map((id) => {
      const { name, version } = this.#sourceOf(id).request.source.package;
      const end = this.#ends.get(id);
      const needs = new Set(this.#progress.edges.filter(({ from }) => from === id).map(({ to }) => to));
      const common = { source: { name, version }, needs: [...needs] };
      return end === undefined
        ? { ...common, status: "skipped", directory: null, failure: null, seconds: 0 }
        : { ...common, ...end };
    });
  }

  #next(): string | null {
    if (this.#kiln.signal.aborted) this.#progress.stop();
    return this.#progress.next();
  }

  /** The work on a source, with what is in the repository now in sight; null when that shows that others come first. */
  async #prepare(id: string): Promise<(() => Promise<void>) | null> {
    const binaries = await this.#binaries();
    const late = this.#lateEdges(id, binaries);
    if (late.length > 0) {
      this.#progress.wait(late);
      return null;
    }
    this.#progress.begin(id);
    return () => this.#work(id, binaries);
  }

  async #work(id: string, binaries: readonly BinaryEntry[]): Promise<void> {
    const { request } = this.#sourceOf(id);
    const { name, version } = request.source.package;
    const begin = performance.now();
    const { report, version: debkiln } = this.#desk;
    let ended: NodeEnd | null = null;
    const step = new Task(report, []).step(`${name}_${version}`, `${name} ${version}`, async (task) => {
      const seen = {
        visible: binaries.filter((each) => this.#isVisible(each, id)),
        present: binaries.filter((each) => each.package.source.name === id),
      };
      const nodeDesk = { report, version: debkiln, task };
      ended = await buildNode(this.#kiln, request, seen, this.#request.pantry, nodeDesk);
      if (ended.failure !== null) throw ended.failure;
      return ended;
    });
    const end = await step.catch(
      (thrown: unknown): NodeEnd =>
        ended ?? { status: "failed", directory: null, failure: asFailure(thrown) },
    );
    this.#ends.set(id, { ...end, seconds: (performance.now() - begin) / 1000 });
    if (end.failure === null) this.#progress.succeed(id);
    else this.#progress.fail(id);
    if (end.failure !== null && this.#request.onFailure === "stop") this.#progress.stop();
  }

  /** Packages of the chain that a build may see: what others gave that are not part of it, and what it is built after. */
  #isVisible({ package: { source } }: BinaryEntry, id: string): boolean {
    if (!this.#sources.has(source.name)) return true;
    const isDone = this.#progress.statusOf(source.name) === "done";
    // After a first round everything may help.
    return isDone && (this.#round > 0 || neededBy(id, this.#progress.edges).has(source.name));
  }

  /** What else it has to wait for, now that it is known what the packages that it needs depend on themselves. */
  #lateEdges(id: string, binaries: readonly BinaryEntry[]): readonly Edge[] {
    const { ids } = this.#request.order;
    const members = this.#request.members.map((member) =>
      this.#progress.statusOf(member.id) === "done"
        ? { ...member, offers: offersOf(member.id, binaries) }
        : member,
    );
    const member = members.find((each) => each.id === id);
    const known = neededBy(id, this.#progress.edges);
    // What comes later in the order may itself wait for this one.
    const isEarlier = (other: string) => ids.indexOf(other) < ids.indexOf(id);
    const open = ({ to }: Edge) => isEarlier(to) && !known.has(to);
    return member === undefined ? [] : runEdges(member, members).filter(open);
  }

  async #binaries(): Promise<readonly BinaryEntry[]> {
    const { repository, suite } = this.#request.pantry;
    const { build, host } = architecturesOf(this.#sourceOf(this.#request.order.ids[0] ?? "").request);
    const published = await readSuite(repository, suite);
    return (published?.content.binaries ?? []).filter(({ package: known }) =>
      ["all", build, host].includes(known.architecture),
    );
  }

  #sourceOf(id: string): ChainSource {
    const found = this.#sources.get(id);
    if (found === undefined) throw new Error(`${id} is no source of the chain`);
    return found;
  }
}

/** What the built packages of a source offer, and need beside them. */
function offersOf(id: string, binaries: readonly BinaryEntry[]): readonly Offer[] {
  return binaries
    .filter(({ package: { source } }) => source.name === id)
    .map(({ package: { name, provides, depends, preDepends } }) => ({
      name,
      provides: namesIn(provides),
      depends: [...namesIn(preDepends), ...namesIn(depends)],
    }));
}

function namesIn(field: string): readonly string[] {
  return parseRelations(field, "a package of the chain").flatMap(({ alternatives }) =>
    alternatives.map(({ name }) => name),
  );
}
