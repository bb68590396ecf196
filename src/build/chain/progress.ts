import { type Edge, type Order, heights } from "./graph.ts";

/** How far a source of a chain is. */
export type NodeStatus = "waiting" | "running" | "done" | "failed" | "skipped";

/** Which sources of a chain may be built next, as others end. */
export class Progress {
  readonly #ids: readonly string[];
  readonly #edges: Edge[];
  readonly #heights: ReadonlyMap<string, number>;
  readonly #status: Map<string, NodeStatus>;

  constructor(order: Order) {
    this.#ids = order.ids;
    this.#edges = [...order.edges];
    this.#heights = heights(order);
    this.#status = new Map(order.ids.map((id) => [id, "waiting"]));
  }

  statusOf(id: string): NodeStatus {
    return this.#status.get(id) ?? "skipped";
  }

  get edges(): readonly Edge[] {
    return this.#edges;
  }

  /** Those that have ended well. */
  get done(): readonly string[] {
    return this.#with("done");
  }

  /** The one to begin next: of those that wait for nothing, the one for which most others wait in a row. */
  next(): string | null {
    const ready = this.#with("waiting").filter((id) => this.#isReady(id));
    const height = (id: string) => this.#heights.get(id) ?? 0;
    return ready.toSorted((a, b) => height(b) - height(a))[0] ?? null;
  }

  /** Lets one wait for others too, as is found only when what it needs is built. Only for others that come before it. */
  wait(edges: readonly Edge[]): void {
    this.#edges.push(...edges);
  }

  begin(id: string): void {
    this.#status.set(id, "running");
  }

  succeed(id: string): void {
    this.#status.set(id, "done");
  }

  /** Whatever cannot be built without it is skipped. */
  fail(id: string): void {
    this.#status.set(id, "failed");
    this.#skipAbove(id);
  }

  /** Begins nothing more. */
  stop(): void {
    for (const id of this.#with("waiting")) this.#status.set(id, "skipped");
  }

  /** Lets all that did not end well be tried again. */
  again(): void {
    for (const id of [...this.#with("failed"), ...this.#with("skipped")]) this.#status.set(id, "waiting");
  }

  #with(status: NodeStatus): readonly string[] {
    return this.#ids.filter((id) => this.#status.get(id) === status);
  }

  #isReady(id: string): boolean {
    return this.#edges
      .filter(({ from }) => from === id)
      .every(({ to, because }) => {
        const status = this.statusOf(to);
        if (status === "done") return true;
        // What only packages depend on can come from the archive, too.
        return "offer" in because && (status === "failed" || status === "skipped");
      });
  }

  #skipAbove(id: string): void {
    for (const { from, because } of this.#edges.filter(({ to }) => to === id)) {
      if (!("need" in because) || this.statusOf(from) !== "waiting") continue;
      this.#status.set(from, "skipped");
      this.#skipAbove(from);
    }
  }
}
