import type { Notice } from "../plan.ts";
import { listedNames } from "./boot.ts";
import { type Part, lines, textFile } from "./part.ts";
import type { Definition } from "./read.ts";

/**
 * sshd's settings, in a file that it reads before its own configuration and before cloud-init's: of several values it takes
 * the first (sshd_config(5)).
 */
export function sshServerPart(definition: Definition): Part {
  const { sshd } = definition.blueprint.customizations;
  const said = [
    option("PasswordAuthentication", sshd.password_authentication),
    option("KbdInteractiveAuthentication", sshd.kbd_interactive_authentication),
    option("PermitRootLogin", sshd.permit_root_login),
    option("ClientAliveInterval", sshd.client_alive_interval),
  ].flat();
  if (said.length === 0) return {};
  return {
    entries: [textFile("/etc/ssh/sshd_config.d/40-image.conf", lines(...said), "customizations.sshd")],
    notices: hasSshServer(definition) ? [] : [withoutServer],
  };
}

function option(name: string, value: boolean | string | number | undefined): string[] {
  if (value === undefined) return [];
  return [`${name} ${typeof value === "boolean" ? (value ? "yes" : "no") : value}`];
}

/** Whether the definition asks for an SSH server. */
export function hasSshServer(definition: Definition): boolean {
  const names = listedNames(definition);
  const tasks = definition.blueprint.groups.map(({ name }) => name.replace(/^task-/, ""));
  return (
    ["openssh-server", "ssh", "task-ssh-server"].some((name) => names.has(name)) ||
    tasks.includes("ssh-server")
  );
}

const withoutServer: Notice = {
  name: "sshd-without-server",
  message: "customizations.sshd is set, but openssh-server is not among the packages",
  hint: "Add the package openssh-server.",
};
