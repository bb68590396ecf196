import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Kiln } from "../kiln.ts";

/** A password, as crypt(5) has it. */
export const hash = "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$HboKE7BxgkWlEaNzXf1UXLEbwcV9ijLyRd8TUFBrpR0";

/**
 * An image with something of everything, which is small so that it is quickly built and booted. Its base is the one of the
 * shipped server, whose path_excludes these are.
 */
export const customized = `
name = "customized"
[customizations.kernel]
name = "cloud"
[[packages]]
name = "dbus"
[[packages]]
name = "openssh-server"
[[packages]]
name = "sudo"
[[packages]]
name = "tzdata"
[customizations.services]
enabled = ["ssh"]
[[customizations.user]]
name = "admin"
uid = 1000
groups = ["sudo"]
password = "${hash}"
[customizations.timezone]
timezone = "Europe/Berlin"
[[customizations.files]]
path = "/etc/app/secret"
mode = "0640"
group = "admin"
data = "x"
[debian]
path_excludes = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/info/*"]
path_includes = ["/usr/share/doc/*/copyright"]
[bootc]
backend = "ostree"
[[bootc.steps]]
name = "see what is there"
run = "ls /boot /var/lib/dracut > /etc/seen; id admin >> /etc/seen"
`;

/** Lays it where a command is run, and gives the file's path. */
export async function layCustomized(kiln: Kiln): Promise<string> {
  const file = join(kiln.directory, "customized.toml");
  await writeFile(file, customized);
  return file;
}
