/** A binary package that a source of a chain builds. */
export interface Offer {
  readonly name: string;
  /** Virtual packages (Debian Policy 7.5). */
  readonly provides: readonly string[];
  /** Packages that must be installed with it. */
  readonly depends: readonly string[];
}

/** A package that a source needs to be built. */
export interface Need {
  readonly name: string;
  /** The field that says so, such as `Build-Depends-Indep`. */
  readonly field: string;
  /** The whole entry as it stands there. */
  readonly relation: string;
}

/** A source of a chain, as far as the order depends on it. */
export interface Member {
  readonly id: string;
  readonly needs: readonly Need[];
  readonly offers: readonly Offer[];
}

/** One source has to be built after another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The package of the other that is needed. */
  readonly name: string;
  /** What needs it: an entry of the source's build dependencies; or a package that is itself needed, which depends on it. */
  readonly because: { readonly need: Need } | { readonly offer: string };
}

/** In what order sources can be built. */
export interface Order {
  /** Each after all that it needs; otherwise as they were given. */
  readonly ids: readonly string[];
  readonly edges: readonly Edge[];
}

/** Sources that need each other, in a ring: each edge leads to where the next begins, the last to the first. */
export interface Cycle {
  readonly edges: readonly Edge[];
}

/**
 * The order of some sources: by what they need to be built; then, as far as that makes no ring, by what the packages depend on that
 * they need. Or the rings, when the build dependencies have such. A source that needs what it builds itself makes none.
 */
export function orderOf(members: readonly Member[]): Order | { readonly cycles: readonly Cycle[] } {
  const byBuild = members.flatMap((member) => buildEdges(member, members));
  const cycles = cyclesIn(members, byBuild);
  if (cycles.length > 0) return { cycles };
  const edges = [...byBuild];
  for (const edge of members.flatMap((member) => runEdges(member, members))) {
    const isKnown = edges.some(({ from, to }) => from === edge.from && to === edge.to);
    if (!isKnown && !reach(edges, edge.to).has(edge.from)) edges.push(edge);
  }
  return { ids: sorted(members, edges), edges };
}

/** All that a source needs, directly or through others. */
export function neededBy(id: string, edges: readonly Edge[]): ReadonlySet<string> {
  return reach(edges, id);
}

/** How many sources one after the other wait for each at most: what is begun first when there is a choice. */
export function heights({ ids, edges }: Order): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const id of ids.toReversed()) {
    const waiting = edges.filter(({ to }) => to === id).map(({ from }) => (found.get(from) ?? 0) + 1);
    found.set(id, Math.max(0, ...waiting));
  }
  return found;
}

/** How many sources can be built at once at most, taking them in steps. */
export function breadth(order: Order): number {
  const all = heights(order);
  const steps = Map.groupBy(order.ids, (id) => all.get(id) ?? 0);
  return Math.max(1, ...[...steps.values()].map((ids) => ids.length));
}

/** The sources that offer a package: those that build one of that name, or else those that provide it. */
export function providersOf(name: string, members: readonly Member[]): readonly Member[] {
  const real = members.filter(({ offers }) => offers.some((offer) => offer.name === name));
  if (real.length > 0) return real;
  return members.filter(({ offers }) => offers.some((offer) => offer.provides.includes(name)));
}

function buildEdges(member: Member, members: readonly Member[]): readonly Edge[] {
  return member.needs.flatMap((need) => edgesTo(member, need.name, { need }, members));
}

/** Through what is needed to what that depends on, as far as sources of the chain build it. */
export function runEdges(member: Member, members: readonly Member[]): readonly Edge[] {
  const edges: Edge[] = [];
  const seen = new Set<string>();
  const names = member.needs.map(({ name }) => name);
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    for (const offer of offersOf(name, members)) {
      if (seen.has(offer.name)) continue;
      seen.add(offer.name);
      for (const depended of offer.depends) {
        edges.push(...edgesTo(member, depended, { offer: offer.name }, members));
        names.push(depended);
      }
    }
  }
  return edges;
}

function offersOf(name: string, members: readonly Member[]): readonly Offer[] {
  return providersOf(name, members).flatMap(({ offers }) =>
    offers.filter((offer) => offer.name === name || offer.provides.includes(name)),
  );
}

function edgesTo(
  { id }: Member,
  name: string,
  because: Edge["because"],
  members: readonly Member[],
): readonly Edge[] {
  return providersOf(name, members)
    .filter((provider) => provider.id !== id)
    .map((provider) => ({ from: id, to: provider.id, name, because }));
}

/** What can be come to from a source. */
function reach(edges: readonly Edge[], start: string): ReadonlySet<string> {
  const next = Map.groupBy(edges, ({ from }) => from);
  const found = new Set<string>();
  const left = [start];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    for (const { to } of next.get(id) ?? []) {
      if (found.has(to)) continue;
      found.add(to);
      left.push(to);
    }
  }
  return found;
}

function sorted(members: readonly Member[], edges: readonly Edge[]): readonly string[] {
  const needed = Map.groupBy(edges, ({ from }) => from);
  const left = new Set(members.map(({ id }) => id));
  const ids: string[] = [];
  while (left.size > 0) {
    const next = [...left].find((id) => !(needed.get(id) ?? []).some(({ to }) => left.has(to)));
    if (next === undefined) throw new Error("an order of what has none");
    left.delete(next);
    ids.push(next);
  }
  return ids;
}

/** A shortest ring for each group of sources that all need each other. */
function cyclesIn(members: readonly Member[], edges: readonly Edge[]): readonly Cycle[] {
  const cycles: Cycle[] = [];
  const told = new Set<string>();
  for (const { id } of members) {
    const reached = reach(edges, id);
    if (told.has(id) || !reached.has(id)) continue;
    const group = members
      .map((each) => each.id)
      .filter((each) => reached.has(each) && reach(edges, each).has(id));
    for (const each of group) told.add(each);
    const within = edges.filter(({ from, to }) => group.includes(from) && group.includes(to));
    const rings = group.map((each) => ringFrom(each, within));
    cycles.push({ edges: rings.reduce((best, ring) => (ring.length < best.length ? ring : best)) });
  }
  return cycles;
}

/** A shortest way from a source back to itself. */
function ringFrom(start: string, edges: readonly Edge[]): readonly Edge[] {
  let ways: readonly (readonly Edge[])[] = edges.filter(({ from }) => from === start).map((edge) => [edge]);
  const seen = new Set<string>();
  for (;;) {
    const ring = ways.find((way) => way.at(-1)?.to === start);
    if (ring !== undefined || ways.length === 0) return ring ?? [];
    const longer: (readonly Edge[])[] = [];
    for (const way of ways) {
      const at = way.at(-1)?.to ?? "";
      if (seen.has(at)) continue;
      seen.add(at);
      longer.push(...edges.filter(({ from }) => from === at).map((edge) => [...way, edge]));
    }
    ways = longer;
  }
}
