import type { Readable } from "node:stream";
import { Writable } from "node:stream";
import { Failure } from "../base/failure.ts";
import type { Kiln } from "../environment/kiln.ts";
import { layAuthorities } from "../environment/named/authorities.ts";
import { type HandOptions, workAs } from "../environment/named/container.ts";
import {
  type SavingVisit,
  type Visit,
  visitImage,
  visitNamed,
  visitToSave,
} from "../environment/named/enter.ts";
import { visitFailed } from "../environment/named/failed.ts";
import { formatName, parseEnvironmentName } from "../environment/named/name.ts";
import { targetName } from "../environment/target.ts";
import { limitsOf } from "./build-request.ts";
import { withKiln } from "./kiln.ts";
import { provisionsOf } from "./provisions.ts";
import type { RegistryFlags } from "./registry-access.ts";
import type { Session } from "./session.ts";
import { type TargetFlags, targetOf } from "./target.ts";
import { variablesOf } from "./variation.ts";

/** What the flags of a command for work by hand say. */
export interface HandFlags extends TargetFlags, RegistryFlags {
  readonly from?: string | undefined;
  readonly env?: string | undefined;
  readonly failed?: string | undefined;
  readonly package?: readonly string[] | undefined;
  readonly root: boolean;
  readonly network: boolean;
  readonly directory?: string | undefined;
  readonly save?: boolean;
  readonly json: boolean;
}

/** Opens a shell in an environment: on the terminal if there is one, else it reads standard input. Gives its exit code. */
export async function openShell(session: Session, flags: HandFlags): Promise<number> {
  return await inVisit(session, flags, "shell", async (work) => {
    if (flags.json || !process.stdin.isTTY || !process.stdout.isTTY)
      return await runStreamed(work, ["bash"], process.stdin);
    return await runOnTerminal(work, ["bash"]);
  });
}

/** Runs one command in an environment. Gives its exit code. */
export async function execute(
  session: Session,
  argv: readonly string[],
  flags: HandFlags & { readonly tty: boolean },
): Promise<number> {
  if (flags.tty && !(process.stdin.isTTY && process.stdout.isTTY)) throw noTerminal();
  return await inVisit(session, flags, `exec ${argv.join(" ")}`, async (work) => {
    if (flags.tty) return await runOnTerminal(work, argv);
    return await runStreamed(work, argv, process.stdin.isTTY ? null : process.stdin);
  });
}

/** Work in an open environment. */
interface Work {
  readonly session: Session;
  readonly flags: HandFlags;
  readonly visit: Visit;
  /** By which programs find a way out, and trust where it leads; none where there is no network. */
  readonly wayOut: Readonly<Record<string, string>>;
}

/** Works in an environment as the flags say; with `--save` what was changed is kept if the work went well. */
async function inVisit(
  session: Session,
  flags: HandFlags,
  said: string,
  run: (work: Work) => Promise<number>,
): Promise<number> {
  return await withKiln(session, async (kiln) => {
    if (flags.save !== true) {
      await using visit = await openVisit(kiln, session, flags);
      return await run({ session, flags, visit, wayOut: await wayOutOf(kiln, visit, flags) });
    }
    const at = parseEnvironmentName(flags.env ?? "");
    if (Object.keys(session.settings.files).length > 0)
      session.task.note("the files of the settings are left out: what is saved has none of them");
    await using visit = await visitToSave(kiln, at, await optionsOf(session, flags), session.task);
    const wayOut = await wayOutOf(kiln, visit, flags);
    const exitCode = await run({ session, flags, visit, wayOut });
    // A shell ends with the exit code of its last command, which says nothing of what was done before.
    if (exitCode === 0 || said === "shell") await save(session, visit, said);
    else session.task.warn(`The command failed (${exitCode}): ${formatName(at)} is as it was`);
    return exitCode;
  });
}

async function wayOutOf(kiln: Kiln, { container }: Visit, { network }: HandFlags): Promise<Work["wayOut"]> {
  if (!network) return {};
  return { ...(await kiln.network.proxies()), ...(await layAuthorities(kiln, container)) };
}

async function save(session: Session, visit: SavingVisit, said: string): Promise<void> {
  const changes = await visit.save(said);
  if (changes.length === 0) return;
  session.task.warn(
    `${visit.title} has other packages than its lock says: ${changes.slice(0, 5).join(", ")}`,
    "It has no lock any more. `debkiln install`, `remove` and `apt` change packages and lock together.",
  );
}

async function openVisit(kiln: Kiln, session: Session, flags: HandFlags): Promise<Visit> {
  const options = await optionsOf(session, flags);
  if (flags.env !== undefined)
    return await visitNamed(kiln, parseEnvironmentName(flags.env), options, session.task);
  if (flags.failed !== undefined) return await visitFailed(kiln, flags.failed, options, session.task);
  if (flags.from !== undefined) {
    const { importEnvironment } = await import("./portable.ts");
    const { image, lock } = await importEnvironment(kiln, session, flags.from, flags);
    return await visitImage(kiln, image, `from-${lock.suite}`, options, session.task);
  }
  // Loaded only now: what is named needs none of the machinery that makes environments.
  const { throwAwayImage } = await import("./throw-away.ts");
  const { image, target } = await throwAwayImage(
    kiln,
    session,
    targetOf(flags, session.settings, null),
    flags.package,
  );
  return await visitImage(kiln, image, targetName(target), options, session.task);
}

async function optionsOf({ settings }: Session, flags: HandFlags): Promise<HandOptions> {
  return {
    network: flags.network ? "host" : "none",
    limits: limitsOf(settings),
    provisions: await provisionsOf(settings),
  };
}

async function runOnTerminal(work: Work, argv: readonly string[]): Promise<number> {
  const { session, visit } = work;
  const { container, title } = visit;
  const { user, environment, directory, command } = commandOf(work, argv);
  const term = session.environment["TERM"] ?? "";
  const variables = {
    ...environment,
    TERM: /^[\w.+-]+$/.test(term) ? term : "dumb",
    // Debian's bash.bashrc puts it before the prompt.
    debian_chroot: title,
  };
  // What runs on a terminal gets Ctrl-C itself; a lost terminal or SIGTERM ends it with its container.
  const end = () => void container.kill().catch(() => undefined);
  session.signal.addEventListener("abort", end, { once: true });
  using _ = session.suspend();
  try {
    return await container.interact(command, { user, directory, environment: variables });
  } finally {
    session.signal.removeEventListener("abort", end);
    session.signal.throwIfAborted();
  }
}

async function runStreamed(work: Work, argv: readonly string[], input: Readable | null): Promise<number> {
  const { session, flags, visit } = work;
  const { container, title } = visit;
  const { user, environment, directory, command } = commandOf(work, argv);
  const out = flags.json ? logging(session) : { stdout: process.stdout, stderr: process.stderr };
  using _ = session.suspend();
  const { exitCode, oomKilled } = await container.run(command, {
    user,
    directory,
    environment: { ...environment, debian_chroot: title },
    ...(input === null ? {} : { input }),
    ...out,
    signal: session.signal,
  });
  if (oomKilled) session.task.warn("The command ran out of memory", "Allow more with the setting memory.");
  if (flags.json) session.result("", { exitCode, oomKilled });
  return exitCode;
}

/** Under `--json` output becomes events, for nothing else may come between those. */
function logging({ task }: Session): { readonly stdout: Writable; readonly stderr: Writable } {
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      task.log(chunk.toString("utf8"));
      done();
    },
  });
  return { stdout: stream, stderr: stream };
}

/** The command with the directory that it begins in; without a wish, where there is no home it begins in /. */
function commandOf({ session, flags, visit, wayOut }: Work, argv: readonly string[]) {
  const { settings, environment: here } = session;
  const worker = flags.root ? "root" : "builder";
  const { user, directory: home, environment: own } = workAs(worker, visit.directory);
  const { hostname, variables } = settings;
  const environment = {
    ...own,
    // Else it is that of the container from which the environment's image was made.
    ...(hostname === undefined ? {} : { HOSTNAME: hostname }),
    ...wayOut,
    ...variablesOf({}, here, variables),
  };
  const script =
    flags.directory === undefined
      ? 'cd "$1" 2>/dev/null || cd /; shift; exec "$@"'
      : 'cd -- "$1" || exit 126; shift; exec "$@"';
  const command = ["sh", "-c", script, "sh", flags.directory ?? home, ...argv];
  return { user, environment, directory: "/", command };
}

function noTerminal(): Failure {
  return new Failure("usage", "no-terminal", "--tty needs a terminal on standard input and output", {
    hint: "Leave it out: the command then reads and writes what debkiln reads and writes.",
  });
}
