import { Flags } from "@oclif/core";
import { asFailure, exitCodes } from "../../base/failure.ts";
import { loadExeca } from "../../base/load-execa.ts";
import type { Finding } from "../../doctor/finding.ts";
import { KilnCommand } from "../command.ts";
import { findingsText } from "../render/findings.ts";
import type { Session } from "../session.ts";

export class DoctorCommand extends KilnCommand {
  static override summary = "Check what builds need of this machine, and mend it.";
  static override description =
    "Prints for each finding what is wrong, why it matters and the exact command that mends it; commands that need root " +
    "begin with sudo. Run it as the user who builds: much depends on who asks. " +
    "Exits with 5 when a build would fail.";
  static override examples = [
    { description: "What is wrong here", command: "<%= config.bin %> doctor" },
    { description: "Run the commands that mend it", command: "<%= config.bin %> doctor --fix" },
  ];
  static override flags = {
    fix: Flags.boolean({ description: "run the commands that mend what was found" }),
  };

  async run(): Promise<number> {
    const { flags } = await this.parse(DoctorCommand);
    return await this.withSession(flags, async (session) => {
      const before = await examine(session);
      const findings = flags.fix ? await mend(before, session) : before;
      const all = [...findings, await engineFinding(session)];
      session.result(findingsText(all, { style: session.style, verbose: flags.verbose }), all);
      return all.some(({ status }) => status === "error") ? exitCodes.infrastructure : 0;
    });
  }
}

async function examine({ settings, environment }: Session): Promise<readonly Finding[]> {
  const { examineHost } = await import("../../doctor/examine.ts");
  const engines = settings.engine?.includes("docker") ? (["docker"] as const) : (["podman"] as const);
  return await examineHost({
    environment,
    engines,
    ...(settings.cache_dir === undefined ? {} : { cacheDirectory: settings.cache_dir }),
  });
}

async function mend(findings: readonly Finding[], session: Session): Promise<readonly Finding[]> {
  const { mendHost } = await import("../../doctor/mend.ts");
  const forRoot = findings.some(
    ({ status, fix }) => status === "error" && fix?.needsRoot === true && fix.consent === undefined,
  );
  if (forRoot) await askForPassword(session);
  const { report, signal } = session;
  return await mendHost(findings, { report, signal, examine: () => examine(session) });
}

/** Lets sudo ask for its password while nothing is drawn over the question. */
async function askForPassword(session: Session): Promise<void> {
  if (process.getuid?.() === 0 || !process.stdin.isTTY) return;
  const execa = await loadExeca();
  using _ = session.suspend();
  await execa("sudo", ["-v"], { stdio: "inherit", reject: false, cancelSignal: session.signal });
}

/** Whether an engine answers in the end: what all the other checks are for. */
async function engineFinding({ connect, signal }: Session): Promise<Finding> {
  try {
    await using engine = await connect();
    const { kind, version, endpoint, rootless, storageDriver } = await engine.about();
    const mode = rootless ? "rootless" : "rootful";
    const message = `${kind} ${version} answers at ${endpoint} (${mode}, ${storageDriver})`;
    return { check: "engine-answers", status: "ok", message };
  } catch (thrown) {
    signal.throwIfAborted();
    const { message, hint } = asFailure(thrown);
    return {
      check: "engine-answers",
      status: "error",
      message,
      ...(hint === undefined ? {} : { why: hint }),
    };
  }
}
