import { availableParallelism, freemem } from "node:os";
import { join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { parseSize } from "../base/size.ts";
import { breadth } from "../build/chain/graph.ts";
import { missingHint } from "../build/chain/missing.ts";
import { type ChainPlan, planChain } from "../build/chain/plan-chain.ts";
import { NodeRecords } from "../build/chain/records.ts";
import { type ChainRequest, type NodeOutcome, runChain } from "../build/chain/run-chain.ts";
import { type Shares, sharesOf } from "../build/chain/shares.ts";
import { architecturesOf } from "../build/cross.ts";
import type { BuildRequest } from "../build/request.ts";
import type { Kiln } from "../environment/kiln.ts";
import { targetName } from "../environment/target.ts";
import { initRepository } from "../repository/init.ts";
import { chooseComponent, chooseSuite, readSettings } from "../repository/settings.ts";
import {
  type FailureFlags,
  type RequestFlags,
  afterFailure,
  afterSuccess,
  binariesOf,
  buildRequest,
} from "./build-request.ts";
import { type CheckFlags, checksOf } from "./checks.ts";
import { type CacheFlags, withCompilerCache } from "./compiler-cache.ts";
import { identifySources } from "./identify-sources.ts";
import { withKiln } from "./kiln.ts";
import { type ProofFlags, attestationsOf } from "./proof.ts";
import { pluginsOf } from "./plugins.ts";
import { chainRecord, chainText, planRecord, planText } from "./render/chain.ts";
import { toolsOf } from "./repositories.ts";
import type { Session } from "./session.ts";
import { version } from "./version.ts";

/** What flags say of a chain. */
export interface ChainFlags
  extends RequestFlags, CheckFlags, CacheFlags, ProofFlags, Omit<FailureFlags, "shell-on-fail"> {
  readonly repo?: string | undefined;
  readonly builds?: number | undefined;
  readonly "cpu-budget"?: number | undefined;
  readonly "memory-budget"?: string | undefined;
  readonly onFailure: ChainRequest["onFailure"];
  readonly "dry-run": boolean;
}

/** Builds the sources that the user named in their order, and shows what came of each. @throws Failure of the first that failed. */
export async function buildChain(
  session: Session,
  words: readonly string[],
  flags: ChainFlags,
): Promise<void> {
  const sources = await identifySources(words, flags, session.settings);
  await withKiln(session, async (kiln) => {
    const requests: BuildRequest[] = [];
    for (const named of sources) {
      const request = await buildRequest(kiln, session, named, flags, binariesOf(flags));
      requests.push(withCompilerCache(request, named, session, flags));
    }
    const plan = await planChain(requests, session.task);
    if (flags["dry-run"]) session.result(planText(plan), planRecord(plan));
    else await runPlanned(kiln, session, plan, { ...flags, publishes: true });
  });
}

/** Builds what is planned; what does not publish puts nothing into the repository. @throws Failure of the first that failed. */
export async function runPlanned(
  kiln: Kiln,
  session: Session,
  plan: ChainPlan,
  flags: Omit<ChainFlags, "dry-run"> & { readonly publishes: boolean },
): Promise<void> {
  const first = plan.sources[0]?.request;
  if (first === undefined) return;
  const directory = resolve(flags.repo ?? join(session.settings.output, "repo"));
  const pantry = await openPantry(session, directory, first, flags);
  const shares = chosenShares(session, flags, plan);
  const desk = { report: session.report, version: version(), task: session.task };
  const plugins = await pluginsOf(session.settings);
  const request: ChainRequest = {
    ...plan,
    sources: plan.sources.map((each) => ({
      ...each,
      request: { ...within(each.request, shares, session, flags), plugins },
    })),
    pantry,
    width: shares.builds,
    onFailure: flags.onFailure,
  };
  const outcomes = await runChain(kiln, request, desk);
  session.result(chainText(outcomes, directory), chainRecord(outcomes, directory, first.target));
  throwFirst(outcomes, plan);
}

/** The repository of a chain, made for its target when it is not there. */
async function openPantry(
  session: Session,
  directory: string,
  first: BuildRequest,
  { publishes }: { readonly publishes: boolean },
): Promise<ChainRequest["pantry"]> {
  const tools = toolsOf(session);
  const isThere = (await readSettings(directory)) !== null;
  const suites = isThere ? undefined : [first.target.suite];
  const repository = await initRepository(directory, { suites }, architecturesOf(first).host, tools);
  return {
    repository,
    suite: chooseSuite(repository, undefined),
    component: chooseComponent(repository, undefined),
    keyring: tools,
    publishes,
    records: new NodeRecords(repository, `${publishes ? "" : "rdeps-"}${placeName(first)}`),
  };
}

/** What is cross-built is nothing of what is built natively. */
function placeName({ target, host }: BuildRequest): string {
  return `${targetName(target)}${host === undefined ? "" : `-for-${host}`}`;
}

/** How many builds run at once, and what each may use. */
function chosenShares(
  { settings }: Session,
  flags: Omit<ChainFlags, "dry-run">,
  { order }: ChainPlan,
): Shares {
  const memory = flags["memory-budget"];
  return sharesOf({
    breadth: breadth(order),
    builds: flags.builds ?? null,
    budget: {
      cpus: flags["cpu-budget"],
      memoryBytes: memory === undefined ? undefined : parseSize(memory),
    },
    bounds: { cpus: settings.cpus, memoryBytes: settings.memory },
    machine: { cpus: availableParallelism(), memoryBytes: freemem() },
  });
}

function within(
  request: BuildRequest,
  { jobs, bounds }: Shares,
  session: Session,
  flags: Pick<ChainFlags, "keep" | "purge"> & CheckFlags & ProofFlags,
): BuildRequest {
  const { cpus, memoryBytes } = bounds;
  return {
    ...request,
    jobs: request.jobs ?? jobs,
    limits: {
      ...request.limits,
      ...(cpus === undefined ? {} : { cpus }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    },
    attestations: attestationsOf(session, flags),
    checks: checksOf(session.settings, { ...flags, checked: "named" }),
    onFailure: afterFailure(session, { ...flags, "shell-on-fail": false }),
    onSuccess: afterSuccess(session, { ...flags, "shell-on-fail": false }),
  };
}

/** The first failure in the order of the chain, with what it means for a chain. */
function throwFirst(outcomes: readonly NodeOutcome[], plan: ChainPlan): void {
  const first = outcomes.find(({ failure }) => failure !== null);
  if (first === undefined || first.failure === null) return;
  const { fault, code, message, hint, details } = first.failure;
  const chosen = missingHint(first.failure, plan.members) ?? hint;
  throw new Failure(fault, code, `${first.source.name} ${first.source.version}: ${message}`, {
    ...(chosen === undefined ? {} : { hint: chosen }),
    details,
    cause: first.failure,
  });
}
