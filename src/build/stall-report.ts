import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../base/failure.ts";
import type { Container } from "../engine/engine.ts";
import { Head } from "../environment/head.ts";
import type { BuildLog } from "./build-log.ts";
import { listingCommand, processTree, readProcesses } from "./processes.ts";

/** What was going on when a build's time was up: what it hangs in is the first question. */
export interface StallReport {
  /** Lines, those of a table. */
  readonly processes: readonly string[];
  /** Of the output, oldest first. */
  readonly lastLines: readonly string[];
}

/**
 * Finds out which processes there are in a build's container, within two seconds however it hangs, and writes them to the log
 * below its last lines. Never fails: what cannot be found out is not in it.
 */
export async function reportStall(container: Container, log: BuildLog): Promise<StallReport> {
  const lastLines = log.tail.slice(-lastLineCount);
  const listing = new Head(longestListing);
  // As root of the container, which a limit of the builder's processes does not bind.
  const listed = container.run(listingCommand, { stdout: listing }).catch(() => null);
  await Promise.race([listed, delay(patienceMs, null, { ref: false })]);
  const found = readProcesses(listing.text);
  const processes = found.length === 0 ? ["They could not be listed."] : processTree(found);
  log.write(`\n\nProcesses in the build's container:\n${processes.join("\n")}\n`);
  return { processes, lastLines };
}

/** The failure with the report among its details, for machines and --verbose. */
export function withStallReport(failure: Failure, report: StallReport): Failure {
  const { fault, code, message, hint, details } = failure;
  return new Failure(fault, code, message, {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, ...report },
    cause: failure.cause,
  });
}

const lastLineCount = 50;
/** Less than what a build's own deadline leaves to its steps. */
const patienceMs = 2000;
/** More than a build with very many processes should have. */
const longestListing = 8 * 1024 ** 2;
