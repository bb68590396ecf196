import type { PlannedCommand } from "../plan.ts";
import type { Blueprint } from "./blueprint.ts";
import { listedNames } from "./boot.ts";
import { type Part, lines, sorted, textFile, wanted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";

type Firewall = NonNullable<Blueprint["customizations"]["firewall"]>;

const from = "customizations.firewall";

/**
 * The firewall: nftables where ports are all that is asked for, else firewalld, whose words osbuild's other keys are. Either
 * lets in what firewalld's zone `public` does, ssh and DHCPv6, and no more than is opened.
 * @throws Failure definition-invalid-value (usage).
 */
export function firewallPart(definition: Definition): Part {
  const { firewall } = definition.blueprint.customizations;
  if (firewall === undefined) return {};
  checkPorts(definition, firewall);
  const { services, zones } = firewall;
  const isFirewalld =
    listedNames(definition).has("firewalld") ||
    [...services.enabled, ...services.disabled, ...zones].length > 0;
  return isFirewalld ? firewalld(firewall) : nftables(firewall);
}

function checkPorts({ place }: Definition, { ports }: Firewall): void {
  const wrong = ports.findIndex((written) => {
    const [first = 0, last = first] = rangeOf(written);
    return first > last || last > 65535 || (/^\d/.test(written) && first === 0);
  });
  if (wrong === -1) return;
  throw problem(place, ["customizations", "firewall", "ports", String(wrong)], {
    code: "definition-invalid-value",
    message: `${ports[wrong]} is no port or range of ports`,
    hint: "Ports are numbers from 1 to 65535.",
  });
}

function rangeOf(port: string): number[] {
  return /^\d/.test(port) ? (port.split(":")[0] ?? "").split("-").map(Number) : [];
}

/** nft(8): a table of its own, so that those of containers and others stay as they are when it is loaded again. */
function nftables({ ports }: Firewall): Part {
  const rules = sorted(
    ports.map((port) => {
      const [range = "", protocol = ""] = port.split(":");
      return `\t\t${protocol} dport ${range} accept`;
    }),
  );
  const text = lines(
    "#!/usr/sbin/nft -f",
    "table inet image",
    "delete table inet image",
    "table inet image {",
    "\tchain input {",
    "\t\ttype filter hook input priority filter; policy drop;",
    "\t\tct state vmap { established : accept, related : accept, invalid : drop }",
    "\t\tiif lo accept",
    "\t\tmeta l4proto { icmp, ipv6-icmp } accept",
    "\t\tip6 saddr fe80::/10 udp dport 546 accept",
    "\t\ttcp dport 22 accept",
    ...rules,
    "\t}",
    "}",
  );
  const names = ports.some((port) => !/^\d/.test(port));
  return {
    packages: wanted(from, "nftables", ...(names ? ["netbase"] : [])),
    entries: [textFile("/etc/nftables.conf", text, from, { mode: 0o755 })],
    enabled: ["nftables.service"],
  };
}

/** firewall-offline-cmd(1) writes what `firewall-cmd --permanent` would; one call takes several values of one option only. */
function firewalld({ ports, services, zones }: Firewall): Part {
  return {
    packages: wanted(from, "firewalld"),
    commands: [
      ...inZone("open ports in the firewall", "public", "add-port", ports.map(slashed)),
      ...inZone("open services in the firewall", "public", "add-service", services.enabled),
      ...inZone("close services in the firewall", "public", "remove-service-from-zone", services.disabled),
      ...zones.flatMap(({ name, sources }) =>
        inZone(`fill the firewall's zone ${name}`, name, "add-source", sources),
      ),
    ],
    enabled: ["firewalld.service"],
  };
}

/** As firewalld writes a port. */
function slashed(port: string): string {
  return port.replace(":", "/");
}

function inZone(title: string, zone: string, option: string, values: readonly string[]): PlannedCommand[] {
  if (values.length === 0) return [];
  const options = sorted(values).map((value) => `--${option}=${value}`);
  return [{ title, argv: ["firewall-offline-cmd", `--zone=${zone}`, ...options], input: null, from }];
}
