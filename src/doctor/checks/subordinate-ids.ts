import { rootFix } from "../commands.ts";
import type { Account } from "../account.ts";
import type { Facts } from "../facts.ts";
import type { SubordinateRange } from "../facts/subordinate.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

const needed = 65_536;

/** Ranges of ids for a user's containers (subuid(5), subgid(5)). */
export const subordinateIds: Check = (facts) => {
  const { account, subordinate } = facts;
  if (account.uid === 0) return null;
  const uids = ownedBy(account, subordinate.uids);
  const gids = ownedBy(account, subordinate.gids);
  if (uids >= needed && gids >= needed)
    return ok(`${account.name} has ${Math.min(uids, gids)} subordinate ids`);
  const range = freeRange(facts);
  return {
    status: "error",
    message: `${account.name} has no range of ${needed} subordinate ids in /etc/subuid and /etc/subgid`,
    why: "Debian's packages own files by many users, which a container of one single id cannot unpack.",
    fix: rootFix(facts, [
      [
        "usermod",
        ...(uids >= needed ? [] : ["--add-subuids", range]),
        ...(gids >= needed ? [] : ["--add-subgids", range]),
        account.name,
      ].join(" "),
    ]),
  };
};

function ownedBy(account: Account, ranges: readonly SubordinateRange[]): number {
  const owners = new Set([account.name, String(account.uid)]);
  return Math.max(0, ...ranges.filter(({ owner }) => owners.has(owner)).map(({ count }) => count));
}

/** Beyond every range given out already, so that no two users share ids. */
function freeRange({ subordinate }: Facts): string {
  const ends = [...subordinate.uids, ...subordinate.gids].map(({ start, count }) => start + count);
  const start = Math.max(100_000, ...ends);
  return `${start}-${start + needed - 1}`;
}
