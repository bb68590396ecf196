import { relative } from "node:path";
import { formatDuration } from "../../base/duration.ts";
import { printableLine } from "../../base/printable.ts";
import type { ChainPlan } from "../../build/chain/plan-chain.ts";
import type { NodeOutcome } from "../../build/chain/run-chain.ts";
import { type Target, targetName } from "../../environment/target.ts";
import { table } from "./table.ts";

/** The order of a chain, each source with what it comes after, and why. */
export function planText({ sources, order }: ChainPlan): string {
  const versions = new Map(
    sources.map(({ request: { source } }) => [source.package.name, source.package.version]),
  );
  const rows = order.ids.map((id, at) => {
    const reasons = order.edges.filter(({ from }) => from === id).map(({ to, name }) => `${to} (${name})`);
    return [String(at + 1), id, versions.get(id) ?? "", [...new Set(reasons)].join(", ")];
  });
  return table(["", "SOURCE", "VERSION", "AFTER"], rows);
}

export function planRecord({ sources, order }: ChainPlan) {
  return order.ids.map((id) => ({
    source: id,
    version: sources.find(({ request }) => request.source.package.name === id)?.request.source.package
      .version,
    needs: order.edges
      .filter(({ from }) => from === id)
      .map(({ to, name, because }) => ({
        source: to,
        package: name,
        ...("need" in because
          ? { field: because.need.field, relation: because.need.relation }
          : { neededBy: because.offer }),
      })),
  }));
}

/** What became of each source of a chain. */
export function chainText(outcomes: readonly NodeOutcome[], repository: string): string {
  const rows = outcomes.map(({ source, status, seconds, directory }) => [
    source.name,
    source.version,
    status,
    status === "skipped" ? "" : formatDuration(seconds * 1000),
    directory === null ? "" : relative(process.cwd(), directory) || ".",
  ]);
  const place = relative(process.cwd(), repository) || ".";
  return `${table(["SOURCE", "VERSION", "", "TIME", "IN"], rows)}${countText(outcomes)}; the repository is ${printableLine(place)}\n`;
}

export function chainRecord(outcomes: readonly NodeOutcome[], repository: string, target: Target) {
  return {
    repository,
    target: targetName(target),
    sources: outcomes.map(({ source, status, needs, directory, failure, seconds }) => ({
      ...source,
      status,
      needs,
      directory,
      seconds,
      failure:
        failure === null
          ? null
          : {
              fault: failure.fault,
              code: failure.code,
              message: failure.message,
              hint: failure.hint ?? null,
            },
    })),
  };
}

function countText(outcomes: readonly NodeOutcome[]): string {
  const counts = Map.groupBy(outcomes, ({ status }) => status);
  return (["built", "reused", "failed", "skipped"] as const)
    .flatMap((status) => {
      const count = counts.get(status)?.length ?? 0;
      return count === 0 ? [] : [`${count} ${status}`];
    })
    .join(", ");
}
