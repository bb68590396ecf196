import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { planned, textOf } from "./planned.ts";

describe("services", () => {
  test("are units by their whole names, sorted", async () => {
    const plan = await planned([
      "[customizations.services]",
      'enabled = ["ssh", "cups.socket", "getty@tty2"]',
      'disabled = ["apt-daily.timer"]',
      'masked = ["systemd-homed"]',
    ]);

    expect(plan.services).toEqual({
      enabled: ["cups.socket", "getty@tty2.service", "ssh.service"],
      disabled: ["apt-daily.timer"],
      masked: ["systemd-homed.service"],
    });
  });

  test("that something else needs stay as the definition has them", async () => {
    const firewall = ["[customizations.firewall]", 'ports = ["80:tcp"]'];
    const disabled = ["[customizations.services]", 'disabled = ["nftables"]'];

    expect((await planned(firewall)).services.enabled).toEqual(["nftables.service"]);
    expect((await planned([...firewall, ...disabled])).services).toMatchObject({
      enabled: [],
      disabled: ["nftables.service"],
    });
  });

  test("are refused when a unit is in two lists", async () => {
    await expect(
      planned(["[customizations.services]", 'enabled = ["ssh"]', 'masked = ["ssh.service"]']),
    ).rejects.toMatchObject({
      code: "definition-conflict",
      message: expect.stringContaining("ssh.service is both enabled and masked"),
    });
  });

  test.each([
    ["sshd", "Write ssh:"],
    ["crond.service", "Write cron:"],
  ])("are refused by Fedora's name %s", async (name, hint) => {
    await expect(planned(["[customizations.services]", `enabled = ["${name}"]`])).rejects.toMatchObject({
      code: "definition-invalid-value",
      hint: expect.stringContaining(hint),
    });
  });

  test("are refused when a name could be more than a name", async () => {
    await expect(planned(["[customizations.services]", 'enabled = ["a b"]'])).rejects.toMatchObject({
      code: "definition-invalid-value",
    });
  });
});

describe("the firewall", () => {
  const ports = ["[customizations.firewall]", 'ports = ["443:tcp", "80:tcp", "6000-6010:udp", "imap:tcp"]'];

  test("is nftables for ports, and lets nothing else in but what firewalld would", async () => {
    const plan = await planned(ports);
    const text = textOf(plan, "/etc/nftables.conf") ?? "";

    expect(text).toContain("policy drop;");
    expect([...text.matchAll(/dport (\S+) accept/g)].map(([, port]) => port)).toEqual([
      "546",
      "22",
      "443",
      "80",
      "imap",
      "6000-6010",
    ]);
    expect(plan.packages.depends).toContain("nftables");
    expect(plan.packages.reasons["netbase"]).toEqual(["customizations.firewall"]);
    expect(plan.commands).toEqual([]);
  });

  test("has rules that nft itself takes", async (context) => {
    const said = nft(textOf(await planned(ports), "/etc/nftables.conf") ?? "");
    if (said === null) context.skip("nft or unshare is not here, or the kernel has no nf_tables");

    expect(said).toBe("");
  });

  test("without ports closes all others", async () => {
    const plan = await planned(["[customizations.firewall]", "ports = []"]);

    expect(textOf(plan, "/etc/nftables.conf")).toContain("tcp dport 22 accept");
    expect(plan.packages.reasons["netbase"]).toBeUndefined();
  });

  test.each([
    ["it is among the packages", [...ports, "[[packages]]", 'name = "firewalld"']],
    [
      "services are given",
      [...ports, "[customizations.firewall.services]", 'enabled = ["http"]', 'disabled = ["ssh"]'],
    ],
    [
      "zones are given",
      [...ports, "[[customizations.firewall.zones]]", 'name = "trusted"', 'sources = ["192.0.2.0/24"]'],
    ],
  ])("is firewalld when %s", async (_, lines) => {
    const plan = await planned(lines);

    expect(plan.packages.depends).toContain("firewalld");
    expect(plan.services.enabled).toEqual(["firewalld.service"]);
    expect(plan.commands[0]?.argv.slice(0, 4)).toEqual([
      "firewall-offline-cmd",
      "--zone=public",
      "--add-port=443/tcp",
      "--add-port=6000-6010/udp",
    ]);
    expect(textOf(plan, "/etc/nftables.conf")).toBeNull();
  });

  test("gives firewalld its services and zones", async () => {
    const plan = await planned([
      "[customizations.firewall.services]",
      'enabled = ["http"]',
      'disabled = ["ssh"]',
      "[[customizations.firewall.zones]]",
      'name = "trusted"',
      'sources = ["192.0.2.0/24", "2001:db8::/32"]',
    ]);

    expect(plan.commands.map(({ argv }) => argv)).toEqual([
      ["firewall-offline-cmd", "--zone=public", "--add-service=http"],
      ["firewall-offline-cmd", "--zone=public", "--remove-service-from-zone=ssh"],
      ["firewall-offline-cmd", "--zone=trusted", "--add-source=192.0.2.0/24", "--add-source=2001:db8::/32"],
    ]);
  });

  test.each([
    ["http", "expected a port and a protocol"],
    ["80/tcp", "expected a port and a protocol"],
    ["0:tcp", "0:tcp is no port"],
    ["70000:tcp", "70000:tcp is no port"],
    ["90-80:tcp", "90-80:tcp is no port"],
  ])("does not take %s", async (port, message) => {
    await expect(planned(["[customizations.firewall]", `ports = ["${port}"]`])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });
});

/** What nft complains of; null when it cannot be asked. */
function nft(rules: string): string | null {
  const directory = mkdtempSync(join(tmpdir(), "debkiln-nft-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "rules");
  writeFileSync(file, rules);
  try {
    checkRules("/dev/null");
  } catch {
    return null;
  }
  return checkRules(file);
}

function checkRules(file: string): string {
  const script = 'PATH=$PATH:/usr/sbin; unshare --user --map-root-user --net nft --check --file "$0" 2>&1';
  return execFileSync("sh", ["-c", script, file], { encoding: "utf8" });
}
