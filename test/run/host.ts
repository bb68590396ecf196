import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import type { Event } from "../../src/base/event.ts";
import type { Account } from "../../src/doctor/account.ts";
import { examineHost } from "../../src/doctor/examine.ts";
import { mendHost } from "../../src/doctor/mend.ts";
import { hasRoot, runAsRoot } from "./root.ts";
import { installTools } from "./tools.ts";

export interface Host {
  readonly root: boolean;
  /** Whose podman is the rootless one: this user, or one made for the tests when this is root. */
  readonly rootless: Account;
}

const testUser = "debkiln-test";

/** Mends what would keep an engine from working, and makes an ordinary user for rootless podman when run by root. */
export async function prepareHost(): Promise<Host> {
  const root = await hasRoot();
  const rootless = process.getuid?.() === 0 ? await testAccount() : ownAccount();
  if (root) await installTools();
  await mend(root);
  if (process.getuid?.() === 0) await mend(root, rootless);
  return { root, rootless };
}

function ownAccount(): Account {
  const { username, uid, homedir } = userInfo();
  return { name: username, uid, home: homedir };
}

async function testAccount(): Promise<Account> {
  const found = await accountOf(testUser);
  if (found !== null) return found;
  await runAsRoot(["useradd", "--create-home", "--shell", "/bin/bash", testUser]);
  const made = await accountOf(testUser);
  if (made === null) throw new Error(`useradd made no user ${testUser}`);
  return made;
}

async function accountOf(name: string): Promise<Account | null> {
  const line = (await readFile("/etc/passwd", "utf8"))
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, , , home] = line?.split(":") ?? [];
  return uid === undefined || home === undefined ? null : { name, uid: Number(uid), home };
}

async function mend(root: boolean, account?: Account): Promise<void> {
  // Another user's variables say nothing about the account.
  const environment = account === undefined ? process.env : { PATH: process.env["PATH"] };
  const examine = () =>
    examineHost({
      environment,
      engines: root ? ["podman", "docker"] : ["podman"],
      ...(account === undefined ? {} : { account }),
    });
  const findings = await mendHost(await examine(), { examine, report: print });
  for (const { status, check, message, fix } of findings) {
    if (status === "ok") continue;
    console.log(`${status}: ${message} [${check}]`);
    if (status === "error") for (const command of fix?.commands ?? []) console.log(`    ${command}`);
  }
}

function print(event: Event): void {
  if (event.type === "started") console.log(`setup: ${event.title}`);
  if (event.type === "note") console.log(`    ${event.message}`);
  if (event.type === "warning") console.log(`warning: ${event.message}`);
}
